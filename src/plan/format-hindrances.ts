import type { Reason } from "../reasons.ts";
import { atHost, wayOutAt } from "../text/at-host.ts";
import { duration } from "../text/duration.ts";
import { paragraph } from "../text/layout.ts";
import { printable } from "../text/printable.ts";
import type { Style } from "../text/style.ts";
import { stageTitle } from "./format-stage.ts";
import type { Blocker, Wait, Warning } from "./plan.ts";

interface Screen {
  readonly style: Style;
  readonly columns: number;
}

/** What is under way, for how long at most, and what comes only afterwards. */
export function formatWaits(waits: readonly Wait[], screen: Screen): readonly string[] {
  const lines = waits.flatMap((wait) =>
    item(
      screen.style.accent("…"),
      wait.host,
      wait.resource,
      `${wait.for} (at most ${duration(wait.deadlineSeconds * 1000)}), then ${stageTitle(wait.holds)}`,
      wait.reason,
      screen,
    ),
  );
  return section("Waiting for", lines, screen);
}

/** What stands in the way, with why and the way out. */
export function formatBlockers(blockers: readonly Blocker[], screen: Screen): readonly string[] {
  const lines = once(blockers).flatMap((blocker) => [
    ...item(screen.style.bad("✗"), blocker.host, blocker.resource, blocker.why, blocker.reason, screen),
    ...paragraph(`way out: ${printable(wayOutAt(blocker.host, blocker.wayOut))}`, 6, screen.columns),
  ]);
  const everything = blockers.some((blocker) => blocker.scope === "everything");
  return section(everything ? "Blocked: nothing is touched until this is out of the way" : "Blocked", lines, screen);
}

/** What does no harm now and may later. */
export function formatWarnings(warnings: readonly Warning[], screen: Screen): readonly string[] {
  const lines = once(warnings).flatMap((warning) =>
    item(screen.style.caution("▲"), warning.host, warning.resource, warning.message, warning.reason, screen),
  );
  return section("Worth knowing", lines, screen);
}

/** What several resources find of one host is said once. */
function once<T extends Blocker | Warning>(findings: readonly T[]): readonly T[] {
  const about = ({ resource, host, ...rest }: T): string => JSON.stringify([host ?? resource, rest]);
  return [...new Map(findings.toReversed().map((finding) => [about(finding), finding])).values()].toReversed();
}

function section(title: string, lines: readonly string[], { style }: Screen): readonly string[] {
  return lines.length === 0 ? [] : [style.bold(title), ...lines];
}

function item(
  symbol: string,
  host: string | undefined,
  resource: string,
  text: string,
  reason: Reason,
  { style, columns }: Screen,
): readonly string[] {
  const subject = host ?? resource;
  const said = printable(atHost(subject, text));
  const shown = said.startsWith(subject) ? `${style.bold(subject)}${said.slice(subject.length)}` : said;
  const [first = "", ...rest] = paragraph(`${shown} ${style.dim(`[${reason}]`)}`, 4, columns);
  return [`  ${symbol} ${first.trimStart()}`, ...rest.map((line) => `  ${line}`)];
}
