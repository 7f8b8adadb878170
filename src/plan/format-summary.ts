import type { Style } from "../text/style.ts";
import { count, list } from "../text/words.ts";
import { summaryOf } from "./summary.ts";
import type { Plan } from "./plan.ts";

/** The plan in one line: `Plan: 23 to do on 5 hosts (2 reload, 0 restart, 0 disruptive), 1 blocker`. */
export function summaryLine(
  plan: Plan,
  { style, addresses }: { readonly style: Style; readonly addresses: ReadonlyMap<string, string> },
): string {
  const summary = summaryOf(plan);
  const hindrances = [
    ...(summary.waits > 0 ? [count(summary.waits, "wait")] : []),
    ...(summary.blockers > 0 ? [style.bad(count(summary.blockers, "blocker"))] : []),
    ...(summary.warnings > 0 ? [count(summary.warnings, "warning")] : []),
  ];
  if (summary.steps > 0) {
    const where = summary.hosts === 0 ? "here" : `on ${count(summary.hosts, "host")}`;
    const noticed = summary.noticed === 0 ? "" : `${summary.noticed} noticed, `;
    const impact = `(${summary.reload} reload, ${noticed}${summary.restart} restart, ${summary.disruptive} disruptive)`;
    return [`${style.bold("Plan:")} ${summary.steps} to do ${where} ${impact}`, ...hindrances].join(", ");
  }
  if (summary.waits + summary.blockers > 0) {
    return `${style.bold("Plan:")} nothing to do now: ${list(hindrances)}`;
  }
  const done =
    `${style.good("✓")} Nothing to do: ` +
    `${addresses.size === 1 ? "the host is" : `all ${addresses.size} hosts are`} as the manifest asks`;
  return hindrances.length === 0 ? done : `${done} (${list(hindrances)})`;
}
