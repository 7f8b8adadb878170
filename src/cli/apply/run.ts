import type { ApplyEvent } from "../../apply/events.ts";
import { PghaError } from "../../errors.ts";
import { count, list } from "../../text/words.ts";
import { recordApproved, recordConverged, refuseChanged } from "../applied.ts";
import type { Invocation } from "../invocation.ts";
import { watchInterrupt } from "../interrupt.ts";
import { loadStack } from "../load-stack.ts";
import { restartsInApprovedPlan } from "../restarts.ts";
import type { StackOptions } from "../stack-options.ts";
import { worldFor } from "../world-for.ts";
import { approval } from "./approval.ts";
import type { ApprovalOptions } from "./approval.ts";
import { logEvent } from "./log-event.ts";
import { askedRotations } from "./rotations.ts";
import { reportOutcome } from "./outcome.ts";
import { progressOn } from "./progress.ts";
import { timingsText } from "./timings-text.ts";
import { Timings } from "./timings.ts";

export interface ApplyOptions extends StackOptions, ApprovalOptions {
  readonly timings?: boolean;
  readonly rotate?: readonly string[];
}

/** Shows the plan, asks, carries it out, and says how it ended. */
export async function runApply(options: ApplyOptions, invocation: Invocation): Promise<number> {
  const { environment, services, screen } = invocation;
  const { now } = environment;
  const loaded = await loadStack(options, environment, screen);
  const rotations = askedRotations(loaded.stack, options.rotate ?? []);
  await using world = await worldFor(loaded, invocation, { exclusive: true });
  await refuseChanged(loaded.stack, world.store);
  const progress = progressOn(screen, now, screen.log === undefined);
  const interrupt = watchInterrupt(environment.signals, () =>
    progress.say(screen.style.caution("Finishing the steps in hand; Ctrl-C again stops at once.")),
  );
  const timings = new Timings(now());
  const restarts = restartsInApprovedPlan();
  const onEvent = (event: ApplyEvent): void => {
    timings.add(event, now());
    if (screen.log !== undefined) {
      logEvent(event, screen.log);
    }
    progress.onEvent(event);
  };
  progress.start(`looking at ${count(loaded.addresses.size, "host")}`);
  try {
    const approve = approval(loaded, options, invocation, progress, interrupt.signal);
    const { outcome, pass } = await services.converge(
      loaded.stack,
      { ...world, rotations, restarts: restarts.leave },
      {
        onEvent,
        signal: interrupt.signal,
        approve: async (pass) => {
          const isApproved = await approve.ask(pass);
          if (isApproved) await recordApproved(loaded.stack, pass, world.store);
          restarts.close(pass.plan);
          return isApproved;
        },
      },
    );
    progress.stop();
    timings.end(now());
    if (outcome.kind === "converged") await recordConverged(loaded.stack, world.store);
    const unmet = outcome.kind === "converged" ? rotations.unmet() : [];
    const code = reportOutcome(outcome, pass, {
      loaded,
      invocation,
      declined: approve.declined() && !interrupt.signal.aborted,
      command: "pgha apply",
      timings: options.timings === true ? timingsText(timings, screen.style) : "",
    });
    if (unmet.length === 0) return code;
    throw new PghaError(`no new password was made for ${list(unmet)}`, {
      reason: "RotationRefused",
      retry: "never",
      wayOut: "The plan says why, under RotationRefused.",
    });
  } finally {
    progress.stop();
    interrupt.dispose();
  }
}
