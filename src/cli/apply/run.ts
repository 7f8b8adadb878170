import { PghaError } from "../../errors.ts";
import { count, list } from "../../text/words.ts";
import { recordApproved, recordConverged, refuseChanged } from "../applied.ts";
import type { Invocation } from "../invocation.ts";
import { loadStack } from "../load-stack.ts";
import { restartsInApprovedPlan } from "../restarts.ts";
import type { StackOptions } from "../stack-options.ts";
import { worldFor } from "../world-for.ts";
import { approval } from "./approval.ts";
import type { ApprovalOptions } from "./approval.ts";
import { askedRotations } from "./rotations.ts";
import { reportOutcome } from "./outcome.ts";
import { timingsText } from "./timings-text.ts";
import { Timings } from "./timings.ts";
import { whileShown } from "./while-shown.ts";

export interface ApplyOptions extends StackOptions, ApprovalOptions {
  readonly timings?: boolean;
  readonly outsideWindows?: boolean;
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
  const timings = new Timings(now());
  const restarts = restartsInApprovedPlan();
  return await whileShown(invocation, "the steps in hand", async ({ progress, onEvent, signal }) => {
    progress.start(`looking at ${count(loaded.addresses.size, "host")}`);
    const approve = approval(loaded, options, invocation, progress, signal);
    const { outcome, pass } = await services.converge(
      loaded.stack,
      { ...world, rotations, restarts: restarts.leave, outsideWindows: () => options.outsideWindows === true },
      {
        onEvent(event) {
          timings.add(event, now());
          onEvent(event);
        },
        signal,
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
      declined: approve.declined() && !signal.aborted,
      command: "pgha apply",
      timings: options.timings === true ? timingsText(timings, screen.style) : "",
    });
    if (unmet.length === 0) return code;
    throw new PghaError(`no new password was made for ${list(unmet)}`, {
      reason: "RotationRefused",
      retry: "never",
      wayOut: "The plan says why, under RotationRefused.",
    });
  });
}
