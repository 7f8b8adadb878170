import { fileDetails, stepsToCompare } from "../../plan/format-file.ts";
import { formatPlan } from "../../plan/format.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import type { LoadedStack } from "../load-stack.ts";
import type { Screen } from "../screen.ts";
import { currentContents } from "./current-contents.ts";

/** The plan as people see it, with diffs against what the hosts have now. */
export async function planText(
  pass: Pass,
  { addresses }: LoadedStack,
  diff: boolean | undefined,
  { style, columns }: Screen,
): Promise<string> {
  const mode = diff === undefined ? "changes" : diff ? "all" : "none";
  const current =
    mode === "none" ? new Map<string, string>() : await currentContents(stepsToCompare(pass.plan), pass.shellFor);
  return formatPlan(pass.plan, { style, columns, addresses, details: fileDetails(pass.plan, mode, current, style) });
}
