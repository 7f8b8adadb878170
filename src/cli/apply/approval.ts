import { PghaError } from "../../errors.ts";
import { nextWave } from "../../plan/wave.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import { answersYes } from "../answers-yes.ts";
import type { Invocation } from "../invocation.ts";
import type { LoadedStack } from "../load-stack.ts";
import { planText } from "../plan/plan-text.ts";
import type { Progress } from "./progress.ts";

export interface ApprovalOptions {
  /** As in plan. */
  readonly diff?: boolean;
  /** Do not ask. */
  readonly yes?: boolean;
  /** What was typed, where that is not pgha apply. */
  readonly command?: string;
}

/** Shows the first plan and asks whether to go on. */
export interface Approval {
  readonly ask: (pass: Pass) => Promise<boolean>;
  /** Whether a person said no. */
  readonly declined: () => boolean;
}

/** Where there is nothing to approve (nothing to do, or all of it blocked) nobody is asked. */
export function approval(
  loaded: LoadedStack,
  options: ApprovalOptions,
  { environment, screen }: Invocation,
  progress: Progress,
  signal: AbortSignal,
): Approval {
  let declined = false;
  const ask = async (pass: Pass): Promise<boolean> => {
    const text = await planText(pass, loaded, options.diff, screen);
    progress.pause();
    screen.print(`${text}\n`);
    if (pass.plan.steps.length === 0 || nextWave(pass.plan).kind === "blocked" || options.yes === true) {
      return true;
    }
    if (!screen.canAsk) {
      throw new PghaError("there is no terminal to ask on whether to go on; nothing was touched", {
        reason: "NotApproved",
        retry: "never",
        wayOut: `read the plan above, then run ${options.command ?? "pgha apply"} --yes`,
      });
    }
    declined = !(await answersYes(`${screen.style.bold("Go on?")} [y/N] `, environment, signal));
    return !declined;
  };
  return { ask, declined: () => declined };
}
