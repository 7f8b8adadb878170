import type { ServiceResource } from "../api/index.ts";
import { lookForRemoval } from "../reconcilers/removal/look.ts";
import type { RemovalPass } from "../reconcilers/removal/look.ts";
import type { RemovalWish } from "../reconcilers/removal/plan.ts";
import type { World } from "../reconcilers/world.ts";
import type { ApplyEvent, Outcome } from "./events.ts";
import type { Hands } from "./hands.ts";
import { HURRIED, Patience } from "./patience.ts";
import { takeTurns } from "./take-turns.ts";
import type { Party, Sight } from "./turn.ts";

export interface RemoveOptions {
  readonly onEvent: (event: ApplyEvent) => void;
  /** Aborting it lets the step in hand finish, then ends with `interrupted`. */
  readonly signal: AbortSignal;
}

/**
 * Takes turns with what a resource left on its hosts, until nothing is left to do. Begun again after a crash, it goes
 * on from what is there. Hosts that are away come back in `pass.away`.
 */
export async function remove(
  resource: ServiceResource,
  wish: RemovalWish,
  world: World,
  { onEvent, signal }: RemoveOptions,
): Promise<{ readonly outcome: Outcome; readonly pass: RemovalPass }> {
  const { owner, now } = world;
  const patience = new Patience(HURRIED);
  let round = 0;
  let pass = await look();
  const outcome = await takeTurns({
    owner,
    signal,
    now,
    onEvent,
    record: recordsNothing,
    async look(before) {
      if (before !== undefined) pass = await look();
      return removalSight({ plan: pass.plan, patience }, pass.shellFor);
    },
    tell: async () => undefined,
  });
  return { outcome, pass };

  async function look(): Promise<RemovalPass> {
    const started = now();
    const seen = await lookForRemoval(resource, wish, world);
    round += 1;
    onEvent({ kind: "looked", round, tookMs: now() - started, plan: seen.plan });
    return seen;
  }
}

/** Steps of a removal take no password. */
export function removalSight(party: Party, shellFor: RemovalPass["shellFor"]): Sight<Party> {
  return { parties: [party], plans: [party.plan], shellFor, materialFor: () => NO_SECRETS };
}

export const recordsNothing: Hands["record"] = () => Promise.reject(new TypeError("a removal records nothing"));

const NO_SECRETS: ReturnType<Hands["materialFor"]> = {
  get credentials(): never {
    throw new TypeError("a removal needs no credentials");
  },
  postgresqlPort: 0,
};
