import type { Finding } from "./conditions.ts";
import type { Condition, ConditionType, ResourceStatus } from "./status.ts";

/** A report with some conditions changed or added, and others taken out. */
export function setConditions(
  report: ResourceStatus,
  changes: Partial<Record<ConditionType, Finding>>,
  removed: readonly ConditionType[],
): ResourceStatus {
  const kept = report.conditions.filter((condition) => !removed.includes(condition.type));
  const changed = kept.map((condition): Condition => ({ ...condition, ...changes[condition.type] }));
  const known = new Set(kept.map((condition) => condition.type));
  const added = (Object.entries(changes) as [ConditionType, Finding][]).filter(([type]) => !known.has(type));
  return {
    ...report,
    conditions: [
      ...changed,
      ...added.map(([type, finding]): Condition => ({
        type,
        ...finding,
        observedGeneration: report.observedGeneration,
      })),
    ],
  };
}
