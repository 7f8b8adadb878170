import { whenAgain } from "../../apply/ending.ts";
import type { Ending } from "../../apply/ending.ts";
import { AWAY_POLL_MS, STEADY } from "../../apply/patience.ts";
import { recordsNothing, removalSight } from "../../apply/remove.ts";
import { turn } from "../../apply/turn.ts";
import type { Party } from "../../apply/turn.ts";
import type { ServiceResource } from "../../api/index.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Reason } from "../../reasons.ts";
import { lookForRemoval } from "../../reconcilers/removal/look.ts";
import { madeByUs } from "../../reconcilers/removal/made-by-us.ts";
import type { RemovalWish } from "../../reconcilers/removal/plan.ts";
import { LeadershipLostError } from "../../runtime/reconcile-context.ts";
import type { PartOutcome } from "../../runtime/requeue.ts";
import { recordOf } from "../../state/kube-record.ts";
import { mayForceFinalize } from "../annotations.ts";
import { whileLeading } from "../hosts/watched-shell.ts";
import { rest, told } from "../visit/outcome-of.ts";
import { askedOf } from "../visit/parts.ts";
import type { Visit } from "../visit/parts.ts";
import { writeRemovalStatus } from "./removal-status.ts";

/** How far it is: all is gone that should be, or when to look again. */
export type RemovalResult =
  | { readonly kind: "removed"; readonly reason: Reason; readonly note: string }
  | { readonly kind: "pending"; readonly result: PartOutcome };

/** One turn with what is left of a resource, which says for each host how far it is. */
export async function removeFromHosts(
  visit: Visit,
  resource: ServiceResource,
  policy: "Stop" | "Purge",
): Promise<RemovalResult> {
  const { admitted, live, context, parts, world, memory } = visit;
  const { status } = live.current();
  const wish: RemovalWish = {
    resource: admitted.name,
    policy,
    made: madeByUs(resource),
    systemId: recordOf(status).systemId,
    leader: status?.leader,
  };
  const { owner, now } = world;
  const { signal } = context;
  const { looks, plan, away, shellFor } = await lookForRemoval(resource, wish, world);
  const party: Party = { plan, patience: memory.patience, asked: askedOf(live.current()) };
  const endings = await turn({
    owner,
    signal,
    now,
    look: async () => removalSight(party, (host) => whileLeading(shellFor(host), context)),
    async tell() {
      context.assertMayAct();
      await writeRemovalStatus(visit, wish, looks, plan);
      return undefined;
    },
    demandCurrent: async () => live.demandCurrent(),
    record: recordsNothing,
    onEvent(event) {
      if (event.kind === "step-done") parts.metrics.applied(event.step.change.kind);
    },
    did: (_, steps) => parts.announcer.done(live.current(), steps),
  });
  const ending = endings.get(party);
  if (signal.aborted || ending === undefined) throw new LeadershipLostError();
  const isAll = ending.kind === "done";
  if (isAll && away.length === 0)
    return {
      kind: "removed",
      reason: policy === "Stop" ? "Stopped" : "Purged",
      note: `${policy === "Stop" ? "stopped" : "stopped and removed"} on ${[...looks.keys()].join(", ")}`,
    };
  if (GETS_NO_FURTHER.has(ending.kind) && mayForceFinalize(live.current()))
    return {
      kind: "removed",
      reason: "ForceFinalized",
      note: `let go by annotation; not finished: ${notDone(plan, away)}`,
    };
  if (ending.kind === "failed") rest(visit, ending);
  if (ending.kind === "failed" || ending.kind === "undone") throw told(visit, ending, "Delete");
  if (!isAll && ending.kind !== "blocked") return { kind: "pending", result: whenAgain(ending, STEADY, now()) };
  return { kind: "pending", result: { kind: "settled", pollMs: AWAY_POLL_MS } };
}

/** What a person may put an end to: nothing is left but what is away, in the way, or fails. */
const GETS_NO_FURTHER: ReadonlySet<Ending["kind"]> = new Set(["done", "blocked", "failed", "undone", "rest"]);

function notDone({ steps, blockers }: Plan, away: readonly string[]): string {
  const hosts = new Set([...away, ...[...steps, ...blockers].flatMap(({ host }) => host ?? [])]);
  return hosts.size === 0 ? "none" : [...hosts].join(", ");
}
