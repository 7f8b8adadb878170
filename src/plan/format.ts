import { padEnd, paragraph, width } from "../text/layout.ts";
import { printable } from "../text/printable.ts";
import type { Style } from "../text/style.ts";
import { describe } from "../changes/describe.ts";
import { markOf, symbolOf } from "./format-symbol.ts";
import { formatBlockers, formatWaits, formatWarnings } from "./format-hindrances.ts";
import { summaryLine } from "./format-summary.ts";
import { STAGES } from "./plan.ts";
import type { Plan, Step } from "./plan.ts";

export interface PlanFormat {
  readonly style: Style;
  /** Width of the screen. */
  readonly columns: number;
  /** Host name to address, in the order hosts are to be shown. */
  readonly addresses: ReadonlyMap<string, string>;
  /** What to show below a step (a diff, a note), by step id; see format-file.ts. */
  readonly details: ReadonlyMap<string, readonly string[]>;
}

/**
 * The plan for people: what would change and why, host by host, then what is waited for, what blocks, what to know,
 * and one line that sums it up. Hosts with the very same steps share one list. Ends with a line end.
 */
export function formatPlan(plan: Plan, format: PlanFormat): string {
  const sections = [
    ...hostSections(plan.steps, format),
    formatWaits(plan.waits, format),
    formatBlockers(plan.blockers, format),
    formatWarnings(plan.warnings, format),
    [summaryLine(plan, format)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

const CONTROLLER = "here (pgha's own records)";

function hostSections(steps: readonly Step[], format: PlanFormat): readonly (readonly string[])[] {
  const left = Math.min(
    LEFT_MAXIMUM,
    Math.floor(format.columns * 0.6),
    Math.max(0, ...steps.map((step) => width(leftOf(step, format.style)))),
  );
  const headingsByBody = new Map<string, string[]>();
  for (const host of [undefined, ...hostsInOrder(steps, format)]) {
    const own = inOrder(steps.filter((step) => step.host === host));
    if (own.length > 0) {
      const body = own.flatMap((step) => stepLines(step, left, format)).join("\n");
      headingsByBody.set(body, [...(headingsByBody.get(body) ?? []), headingOf(host, format)]);
    }
  }
  return [...headingsByBody].map(([body, headings]) => [headings.join(format.style.dim(", ")), body]);
}

function hostsInOrder(steps: readonly Step[], format: PlanFormat): readonly string[] {
  return [
    ...new Set([...format.addresses.keys(), ...steps.flatMap((step) => (step.host === undefined ? [] : [step.host]))]),
  ];
}

function inOrder(steps: readonly Step[]): readonly Step[] {
  return steps.toSorted((one, other) => STAGES.indexOf(one.stage) - STAGES.indexOf(other.stage));
}

function headingOf(host: string | undefined, { style, addresses }: PlanFormat): string {
  if (host === undefined) {
    return style.bold(CONTROLLER);
  }
  const address = addresses.get(host);
  return address === undefined || address === host
    ? style.bold(host)
    : `${style.bold(host)} ${style.dim(`(${address})`)}`;
}

/** Reasons start in one column, unless a description is wider than this. */
const LEFT_MAXIMUM = 72;
const INDENT = 2;

function leftOf(step: Step, style: Style): string {
  const mark = markOf(step.impact, style);
  return `${symbolOf(step, style)} ${printable(describe(step.change))}${mark === "" ? "" : ` ${mark}`}`;
}

function stepLines(step: Step, left: number, format: PlanFormat): readonly string[] {
  const { style, columns } = format;
  const start = leftOf(step, style);
  const because = printable(step.because);
  const details = [
    ...(step.noticed === undefined
      ? []
      : paragraph(`noticed: ${printable(step.noticed)}`, 6, columns).map((line) => style.caution(line))),
    ...(format.details.get(step.id) ?? []),
  ];
  const column = INDENT + left + 2;
  if (width(start) <= left && column + width(because) <= columns) {
    return [`${" ".repeat(INDENT)}${padEnd(start, left)}  ${style.dim(because)}`.trimEnd(), ...details];
  }
  const [first = "", ...rest] = paragraph(start, INDENT, columns);
  const continued = rest.map((line) => `  ${line}`);
  return [first, ...continued, ...paragraph(because, 6, columns).map((line) => style.dim(line)), ...details];
}
