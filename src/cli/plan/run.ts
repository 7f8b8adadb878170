import { planDocument } from "../../plan/format-json.ts";
import type { Plan } from "../../plan/plan.ts";
import { count } from "../../text/words.ts";
import { refuseChanged } from "../applied.ts";
import { EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { loadStack } from "../load-stack.ts";
import { withProgressNote } from "../progress-note.ts";
import { restartsInApprovedPlan } from "../restarts.ts";
import type { StackOptions } from "../stack-options.ts";
import { worldFor } from "../world-for.ts";
import { planText } from "./plan-text.ts";

export interface PlanOptions extends StackOptions {
  /** undefined: diffs of files that exist. true: new files in full as well. false: neither. */
  readonly diff?: boolean;
  readonly output: "text" | "json";
}

/** Looks, plans and prints. Changes nothing. */
export async function runPlan(options: PlanOptions, invocation: Invocation): Promise<number> {
  const { environment, services, screen } = invocation;
  const loaded = await loadStack(options, environment, screen);
  await using world = await worldFor(loaded, invocation);
  await refuseChanged(loaded.stack, world.store);
  const pass = await withProgressNote(screen, `looking at ${count(loaded.addresses.size, "host")}`, async () =>
    services.lookAndPlan(loaded.stack, { ...world, restarts: restartsInApprovedPlan().leave }),
  );
  screen.print(
    options.output === "json"
      ? `${JSON.stringify(planDocument(pass.plan), null, 2)}\n`
      : await planText(pass, loaded, options.diff, screen),
  );
  return exitCodeOf(pass.plan);
}

function exitCodeOf({ steps, waits, blockers }: Plan): number {
  if (blockers.length > 0) {
    return EXIT.error;
  }
  return steps.length + waits.length > 0 ? EXIT.pending : EXIT.ok;
}
