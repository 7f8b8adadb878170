import { lookAt } from "../../facts/look.ts";
import type { Look } from "../../facts/fact.ts";
import type { Plan } from "../../plan/plan.ts";
import type { ServiceResource } from "../../api/index.ts";
import type { RemoteShell } from "../../shell/shell.ts";
import { targetsOf } from "../targets.ts";
import type { World } from "../world.ts";
import { planRemoval, removalQuestions } from "./plan.ts";
import type { RemovalFacts, RemovalWish } from "./plan.ts";

/** One look at what is left of a resource that is being deleted, and what is still to be done about it. */
export interface RemovalPass {
  readonly looks: ReadonlyMap<string, Look<RemovalFacts>>;
  readonly plan: Plan;
  /** Hosts that could not be looked at. The others do not wait for them. */
  readonly away: readonly string[];
  readonly shellFor: (host: string) => RemoteShell;
}

/** Looks at every host of the resource once, and plans. Touches nothing. */
export async function lookForRemoval(
  resource: ServiceResource,
  wish: RemovalWish,
  { shellFor, now }: Pick<World, "shellFor" | "now">,
): Promise<RemovalPass> {
  const targets = new Map(targetsOf(resource).map((target) => [target.name, target]));
  const questions = removalQuestions(wish);
  const looks = new Map<string, Look<RemovalFacts>>(
    await Promise.all(
      [...targets.values()].map(
        async (target) => [target.name, await lookAt(shellFor(target), questions, { now })] as const,
      ),
    ),
  );
  return {
    looks,
    plan: planRemoval(wish, looks),
    away: [...looks.values()].flatMap((look) => (look.seen ? [] : [look.host])),
    shellFor: (host) => {
      const target = targets.get(host);
      if (target === undefined) throw new TypeError(`no host ${host}`);
      return shellFor(target);
    },
  };
}
