import { describe } from "../../changes/describe.ts";
import type { ControllerChange } from "../../changes/table.ts";
import type { ApplyEvent, StepFailure } from "../../apply/events.ts";
import { takeWave } from "../../apply/take-wave.ts";
import { whyUndone } from "../../apply/undone.ts";
import type { Kind } from "../../api/index.ts";
import type { Step } from "../../plan/plan.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import { recordChange } from "../../reconcilers/record.ts";
import { LeadershipLostError } from "../../runtime/reconcile-context.ts";
import type { ReconcileResult } from "../../runtime/requeue.ts";
import type { ResourceStatus } from "../../status/status.ts";
import { atHost } from "../../text/at-host.ts";
import { watchedShell } from "../hosts/watched-shell.ts";
import { stepFailed, stepUndone } from "../status/amend.ts";
import { storedStatus } from "../status/stored-status.ts";
import type { VisitMemory } from "./memory.ts";
import type { Visit } from "./parts.ts";
import { ToldError } from "./told-error.ts";

/** A step failed. The next visit looks again, after a pause that grows. */
export class StepFailedError extends ToldError {
  override readonly name: string = "StepFailedError";

  constructor(step: Step, failure: StepFailure) {
    super(atHost(step.host ?? "here", `${describe(step.change)} failed: ${failure.said.trim().slice(-300)}`), {
      reason: "StepFailed",
      retry: "backoff",
      wayOut: failure.wayOut,
    });
  }
}

/** A step is undone by someone else each time. Only a person finds out by whom. */
export class StepUndoneError extends ToldError {
  override readonly name: string = "StepUndoneError";

  constructor(step: Step, failure: StepFailure) {
    super(atHost(step.host ?? "here", `${describe(step.change)} does not hold: ${failure.said}`), {
      reason: "StepUndone",
      retry: "never",
      wayOut: failure.wayOut,
    });
  }
}

/** Between two looks whether what was done shows. */
const SETTLING_MS = 1_000;

/** Takes one wave, if the resource is still what it was planned from. */
export async function act(
  visit: Visit,
  pass: Pass,
  steps: readonly Step[],
  memory: VisitMemory,
): Promise<ReconcileResult> {
  const { live, parts, context, world } = visit;
  const { now, later, undone } = memory.patience.judge(steps, parts.clock.now());
  if (undone !== undefined) {
    const failure = await whyUndone(undone, pass);
    memory.undone = { step: undone, failure };
    memory.patience.allowOneMore(undone);
    await amend(visit, pass, (report) => stepUndone(report, undone, failure));
    parts.announcer.warning(
      live.current(),
      "StepUndone",
      "Apply",
      `${describe(undone.change)}: ${failure.said}`,
      undone.host,
    );
    throw new StepUndoneError(undone, failure);
  }
  if (now.length === 0) return { kind: "again", afterMs: later.length === 0 ? 1 : SETTLING_MS };
  await live.demandCurrent();
  const done: Step[] = [];
  const onEvent = (event: ApplyEvent): void => {
    if (event.kind !== "step-done") return;
    done.push(event.step);
    memory.patience.noteDone(event.step, parts.clock.now());
    parts.metrics.applied(event.step.change.kind);
  };
  const result = await takeWave(now, {
    shellFor: (host) =>
      watchedShell(
        pass.shellFor(host),
        UNCOUNTED,
        () => 0,
        () => context.assertMayAct(),
      ),
    materialFor: pass.materialFor,
    record: async (change: ControllerChange, resource) => {
      context.assertMayAct();
      await recordChange(change, resource, pass, world);
    },
    owner: world.owner,
    onEvent,
    signal: context.signal,
    now: world.now,
  });
  parts.announcer.done(live.current(), done);
  if (result.kind === "interrupted") throw new LeadershipLostError();
  if (result.kind === "taken") return { kind: "again", afterMs: 1 };
  if (context.signal.aborted) throw new LeadershipLostError();
  memory.failure = result;
  await amend(visit, pass, (report) => stepFailed(report, result.step, result.failure));
  parts.announcer.warning(
    live.current(),
    "StepFailed",
    "Apply",
    `${describe(result.step.change)}: ${result.failure.said.trim().slice(-500)}`,
    result.failure.host ?? result.step.host,
  );
  throw new StepFailedError(result.step, result.failure);
}

/** Commands are counted where they are run. */
const UNCOUNTED = { ran: () => {}, failed: () => {} };

async function amend(
  { admitted, live, parts }: Visit,
  pass: Pass,
  change: (report: ResourceStatus) => ResourceStatus,
): Promise<void> {
  const report = pass.statuses.get(admitted.name);
  if (report === undefined) return;
  await live.writeStatus(
    storedStatus(live.type.kind as Kind, change(report), live.current().status, parts.clock.now()),
  );
}
