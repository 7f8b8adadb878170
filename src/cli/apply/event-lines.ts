import type { ApplyEvent } from "../../apply/events.ts";
import { describe } from "../../changes/describe.ts";
import { stageTitle } from "../../plan/format-stage.ts";
import { duration } from "../../text/duration.ts";
import { printable } from "../../text/printable.ts";
import type { Style } from "../../text/style.ts";
import { count } from "../../text/words.ts";
import { waitText } from "./progress-lines.ts";

/** What to print of an event where lines can't be drawn over, e.g. in a CI log. */
export function eventLines(event: ApplyEvent, style: Style): readonly string[] {
  switch (event.kind) {
    case "looked":
    case "step-started":
    case "step-progress":
      return [];
    case "wave-started":
      return [style.bold(`${stageTitle(event.stage)}: ${count(event.steps.length, "step")}`)];
    case "step-done":
      return [
        `  ${style.good("✓")} ${subject(event.step.host)}: ${printable(describe(event.step.change))} ` +
          `${style.dim(`(${duration(event.tookMs)})`)}`,
      ];
    case "step-failed":
      return [`  ${style.bad("✗")} ${subject(event.step.host)}: ${printable(describe(event.step.change))}`];
    case "waiting":
      return event.waits.map((wait) => `  ${style.accent("…")} waiting for ${waitText(wait)}`);
  }
}

function subject(host: string | undefined): string {
  return host ?? "here";
}
