import { padEnd, paragraph } from "../text/layout.ts";
import { printable } from "../text/printable.ts";
import type { Style } from "../text/style.ts";
import type { Condition, ConditionType } from "./status.ts";

/**
 * Conditions, one a line. Without `all`, only those a person should look at, and of their messages what was not `said`
 * above or by a condition before.
 */
export function formatConditions(
  conditions: readonly Condition[],
  all: boolean,
  { style, columns }: { readonly style: Style; readonly columns: number },
  said: readonly string[] = [],
): readonly string[] {
  const texts = [...said];
  const unsaid = (message: string): string => {
    const rest = all ? message : withoutSaid(message, texts);
    texts.push(message);
    return rest;
  };
  const shown = conditions.filter((condition) => all || !isWell(condition));
  const type = Math.max(0, ...shown.map((condition) => condition.type.length));
  return shown.flatMap((condition) => {
    const start = `  ${sign(condition, style)} ${padEnd(condition.type, type)}  `;
    const lines = paragraph(
      `${printable(unsaid(condition.message))} ${style.dim(`[${condition.reason}]`)}`,
      type + 6,
      columns,
    );
    const [first = "", ...rest] =
      all || lines.length <= LINES_SHOWN
        ? lines
        : [...lines.slice(0, LINES_SHOWN - 1), `${" ".repeat(type + 6)}${style.dim("… in full with --all")}`];
    return [start + first.trimStart(), ...rest];
  });
}

/** A message has its sentences between semicolons. */
export function withoutSaid(message: string, said: readonly string[]): string {
  return message
    .split("; ")
    .filter((part) => !said.some((text) => text.includes(part.replace(/^waiting for /, ""))))
    .join("; ");
}

/** A message longer than this is cut: it names many hosts, and they are in the table above. */
const LINES_SHOWN = 4;

/** Whether this is how the condition is when all is well. Unknown never is. */
export function isWell({ type, status }: Condition): boolean {
  return status === WELL[type];
}

const WELL: Readonly<Record<ConditionType, "True" | "False">> = {
  Ready: "True",
  Available: "True",
  SpecValid: "True",
  CredentialsReady: "True",
  HostsReachable: "True",
  QuorumHealthy: "True",
  ReplicationHealthy: "True",
  FailoverPossible: "True",
  ConfigApplied: "True",
  Progressing: "False",
  Degraded: "False",
  Paused: "False",
  Reconciling: "False",
  Stalled: "False",
  PendingRestart: "False",
  VersionSkew: "False",
  RebootNeeded: "False",
  DriftDetected: "False",
};

/** True of what only says that work goes on, or that a person asked for something. */
const CALM: ReadonlySet<ConditionType> = new Set([
  "Progressing",
  "Reconciling",
  "Paused",
  "PendingRestart",
  "VersionSkew",
  "RebootNeeded",
  "DriftDetected",
  "ConfigApplied",
]);

function sign(condition: Condition, style: Style): string {
  if (isWell(condition)) {
    return style.good("✓");
  }
  if (condition.status === "Unknown") {
    return style.caution("?");
  }
  return CALM.has(condition.type) ? style.caution("~") : style.bad("✗");
}
