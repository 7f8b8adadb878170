import { hostKindOf, isHostChange } from "../changes/table.ts";
import type { Step } from "../plan/plan.ts";
import type { Command } from "../shell/command.ts";
import type { RunOptions } from "../shell/shell.ts";
import type { Hands } from "./hands.ts";

/** What a step that takes long is listened to by while it runs. */
export type Progress = Pick<RunOptions, "onFed" | "onErrorLine">;

/**
 * Of a step that goes to its host alone: how much of its large input has gone out, at each tenth; and its own words,
 * where its kind says that these are worth it.
 */
export function progressOf(
  steps: readonly Step[],
  commands: readonly Command[],
  { onEvent }: Pick<Hands, "onEvent">,
): Progress {
  const [step, ...others] = steps;
  if (step === undefined || others.length > 0 || !isHostChange(step.change)) return {};
  const tell = (far: string): void => onEvent({ kind: "step-progress", step, far });
  const bytes = commands[0]?.feed?.bytes;
  return {
    ...(bytes === undefined ? {} : { onFed: atEachTenth(bytes, tell) }),
    ...(hostKindOf(step.change).speaks === true ? { onErrorLine: (line: string) => tell(line) } : {}),
  };
}

function atEachTenth(bytes: number, tell: (far: string) => void): (sent: number) => void {
  let told = 0;
  return (sent) => {
    const tenths = Math.min(10, Math.floor((sent * 10) / bytes));
    if (tenths <= told) return;
    told = tenths;
    tell(`${tenths * 10} %`);
  };
}
