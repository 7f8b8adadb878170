import { stageTitle } from "../../plan/format-stage.ts";
import { STAGES } from "../../plan/plan.ts";
import type { Stage } from "../../plan/plan.ts";
import { padEnd } from "../../text/layout.ts";
import type { Style } from "../../text/style.ts";
import type { Span, StepTime, Timings } from "./timings.ts";

/** Where the time went: spans that add up to the whole, and below each stage what each host did with it. */
export function timingsText(timings: Timings, style: Style): string {
  const spans = [...timings.spans].filter(([, tookMs]) => tookMs > 0);
  const names = Math.max(
    TOTAL.length,
    ...spans.map(([span]) => titleOf(span, timings).length),
    ...STAGES.flatMap((stage) => [...timings.stepsOf(stage).keys()].map((host) => (host ?? "here").length + 2)),
  );
  const row = (name: string, tookMs: number, note = ""): string =>
    `  ${padEnd(name, names)}  ${seconds(tookMs)}${note === "" ? "" : `  ${style.dim(note)}`}`;
  const lines = spans.flatMap(([span, tookMs]) => [
    row(titleOf(span, timings), tookMs),
    ...(isStage(span)
      ? [...timings.stepsOf(span)].map(([host, kinds]) => row(`  ${host ?? "here"}`, sum(kinds), kindsText(kinds)))
      : []),
  ]);
  return `${[style.bold("Where the time went"), ...lines, row(TOTAL, timings.totalMs)].join("\n")}\n`;
}

const TOTAL = "in all";

function titleOf(span: Span, { looks }: Timings): string {
  switch (span) {
    case "looking":
      return `looking (${looks} times)`;
    case "approval":
      return "showing the plan, and asking";
    case "planning":
    case "waiting":
      return span;
    case "record":
    case "prepare":
    case "services":
    case "data":
    case "settle":
      return stageTitle(span);
  }
}

function isStage(span: Span): span is Stage {
  return STAGES.some((stage) => stage === span);
}

/** The dearest kinds of change first, the cheap ones left out. */
function kindsText(kinds: ReadonlyMap<string, StepTime>): string {
  return [...kinds]
    .toSorted(([, one], [, other]) => other.tookMs - one.tookMs)
    .slice(0, 4)
    .map(([kind, { count, tookMs }]) => `${kind}${count === 1 ? "" : ` ×${count}`} ${(tookMs / 1000).toFixed(2)}`)
    .join(", ");
}

function sum(kinds: ReadonlyMap<string, StepTime>): number {
  return [...kinds.values()].reduce((total, { tookMs }) => total + tookMs, 0);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2).padStart(7)} s`;
}
