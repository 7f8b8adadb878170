import { auditLine, auditRule, isAuditFault } from "../audit-rule.ts";
import type { HostBaseline } from "../kinds.ts";
import { problem, type Finding } from "./finding.ts";

/** Rules of one's own for auditd: rules, and nothing that takes others' away or locks a host. */
export function* auditRules(baseline: HostBaseline): Iterable<Finding> {
  const first = new Map<string, number>();
  for (const [index, line] of (baseline.spec.auditd?.rules ?? []).entries()) {
    const path = `spec.auditd.rules[${index}]`;
    const rule = auditRule(line);
    if (isAuditFault(rule)) {
      yield problem(baseline, path, rule.message, rule.wayOut);
      continue;
    }
    const other = first.get(auditLine(rule));
    if (other !== undefined) yield problem(baseline, path, `is the same rule as rules[${other}]`, "keep one of them");
    first.set(auditLine(rule), index);
  }
}
