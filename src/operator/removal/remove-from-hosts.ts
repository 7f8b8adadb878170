import type { Reason } from "../../reasons.ts";
import { takeRemovalWave } from "../../apply/remove.ts";
import { describe } from "../../changes/describe.ts";
import { nextWave } from "../../plan/wave.ts";
import type { Plan, Step } from "../../plan/plan.ts";
import { madeByUs } from "../../reconcilers/removal/made-by-us.ts";
import { lookForRemoval } from "../../reconcilers/removal/look.ts";
import type { RemovalWish } from "../../reconcilers/removal/plan.ts";
import { LeadershipLostError } from "../../runtime/reconcile-context.ts";
import type { PartOutcome } from "../../runtime/requeue.ts";
import { recordOf } from "../../state/kube-record.ts";
import { mayForceFinalize } from "../annotations.ts";
import { whileLeading } from "../hosts/watched-shell.ts";
import { StepFailedError } from "../visit/step-errors.ts";
import type { Visit } from "../visit/parts.ts";
import { writeRemovalStatus } from "./removal-status.ts";

/** How far it is: all is gone that should be, or when to look again. */
export type RemovalResult =
  | { readonly kind: "removed"; readonly reason: Reason; readonly note: string }
  | { readonly kind: "pending"; readonly result: PartOutcome };

const AWAY_POLL_MS = 10_000;

/** Looks what is left, takes one wave of what is to go, and says for each host how far it is. */
export async function removeFromHosts(visit: Visit, policy: "Stop" | "Purge"): Promise<RemovalResult> {
  const { admitted, live, context, world } = visit;
  const { status } = live.current();
  const wish: RemovalWish = {
    resource: admitted.name,
    policy,
    made: madeByUs(admitted.resource),
    systemId: recordOf(status).systemId,
    leader: status?.leader,
  };
  const { looks, plan, away, shellFor } = await lookForRemoval(admitted.resource, wish, world);
  context.assertMayAct();
  await writeRemovalStatus(visit, wish, looks, plan);
  const wave = nextWave(plan);
  if (wave.kind === "steps") {
    await take(visit, wave.steps, shellFor);
    return { kind: "pending", result: { kind: "again", afterMs: 1 } };
  }
  if (mayForceFinalize(live.current()))
    return {
      kind: "removed",
      reason: "ForceFinalized",
      note: `let go by annotation; untouched: ${notDone(plan, away)}`,
    };
  if (wave.kind === "done" && away.length === 0)
    return {
      kind: "removed",
      reason: policy === "Stop" ? "Stopped" : "Purged",
      note: `${policy === "Stop" ? "stopped" : "stopped and removed"} on ${[...looks.keys()].join(", ")}`,
    };
  return { kind: "pending", result: { kind: "settled", pollMs: AWAY_POLL_MS } };
}

async function take(
  { live, context, parts, world }: Visit,
  steps: readonly Step[],
  shellFor: (host: string) => ReturnType<Visit["world"]["shellFor"]>,
): Promise<void> {
  await live.demandCurrent();
  const done: Step[] = [];
  const result = await takeRemovalWave(steps, {
    shellFor: (host) => whileLeading(shellFor(host), context),
    owner: world.owner,
    onEvent: (event) => {
      if (event.kind !== "step-done") return;
      done.push(event.step);
      parts.metrics.applied(event.step.change.kind);
    },
    signal: context.signal,
    now: world.now,
  });
  parts.announcer.done(live.current(), done);
  if (result.kind === "interrupted") throw new LeadershipLostError();
  if (result.kind === "failed") {
    const { step, failure } = result;
    parts.announcer.warning(
      live.current(),
      "StepFailed",
      "Delete",
      `${describe(step.change)}: ${failure.said.trim().slice(-500)}`,
      failure.host ?? step.host,
    );
    throw new StepFailedError(result.step, result.failure);
  }
}

function notDone(plan: Plan, away: readonly string[]): string {
  const hosts = new Set([...away, ...plan.blockers.flatMap((blocker) => blocker.host ?? [])]);
  return hosts.size === 0 ? "none" : [...hosts].join(", ");
}
