import { STEADY } from "../../apply/patience.ts";
import { turn } from "../../apply/turn.ts";
import { lookAndPlan } from "../../reconcilers/reconcile.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import { recordChange } from "../../reconcilers/record.ts";
import type { Stack } from "../../reconcilers/stack.ts";
import { LeadershipLostError } from "../../runtime/reconcile-context.ts";
import type { PartOutcome } from "../../runtime/requeue.ts";
import { whileLeading } from "../hosts/watched-shell.ts";
import { outcomeOf } from "./outcome-of.ts";
import type { Seen, Visit } from "./parts.ts";
import { seenOf, tellEarly, tellSeen } from "./tell-seen.ts";
import { through } from "./through.ts";
import type { Outcomes } from "./through.ts";

/** What the others said is told when a host takes longer than any question may take it. */
const SLOW_LOOK_MS = 10_000;

/**
 * One turn with several resources of a stack, each a party of its own: looks at the hosts of all at once, each host
 * once, says what is seen, and takes one wave.
 */
export async function lookAndAct(
  visits: readonly Visit[],
  {
    stack,
    outcomes,
    unlooked,
  }: {
    readonly stack: Stack;
    readonly outcomes: Outcomes;
    readonly unlooked: (one: Visit, error: unknown) => Promise<void>;
  },
): Promise<void> {
  const [first] = visits;
  if (first === undefined) return;
  const { world, context, parts } = first;
  const { owner, now } = world;
  const { signal } = context;
  let whole: Pass;
  const endings = await turn<Seen, PartOutcome>({
    owner,
    signal,
    now,
    async look() {
      whole = await lookAndPlan(stack, world, new Set(visits.map(({ name }) => name)), {
        afterMs: SLOW_LOOK_MS,
        tell: async (soFar) => {
          context.assertMayAct();
          for (const visit of visits) await tellEarly(visit, soFar);
        },
      });
      context.assertMayAct();
      return {
        parties: visits.map((visit) => seenOf(visit, whole)),
        plans: [...whole.plans.values()],
        shellFor: (host) => whileLeading(whole.shellFor(host), context),
        materialFor: whole.materialFor,
      };
    },
    each: async (all, stage) => through(all, outcomes, stage, unlooked),
    tell: tellSeen,
    demandCurrent: async ({ live }) => live.demandCurrent(),
    async record(change, resource) {
      context.assertMayAct();
      await recordChange(change, resource, whole, world);
    },
    onEvent(event) {
      if (event.kind === "step-done") parts.metrics.applied(event.step.change.kind);
    },
    did: ({ live }, steps) => parts.announcer.done(live.current(), steps),
    isHurried: () => [...outcomes.values()].some((one) => one.kind === "again" && one.afterMs <= STEADY.youngMs),
  });
  if (signal.aborted) throw new LeadershipLostError();
  for (const [seen, ending] of endings) await through([seen], outcomes, async () => outcomeOf(seen, ending));
}
