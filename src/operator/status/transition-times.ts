import type { Condition as StoredCondition } from "../../api/index.ts";
import type { Condition } from "../../status/status.ts";

/**
 * Conditions as Kubernetes keeps them: lastTransitionTime is when the status changed, not when it was looked at
 * (https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md).
 */
export function storedConditions(
  conditions: readonly Condition[],
  previous: readonly StoredCondition[] | undefined,
  nowMs: number,
): StoredCondition[] {
  const now = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  return conditions.map(({ type, status, reason, message, observedGeneration }) => {
    const before = previous?.find((candidate) => candidate.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
    return { type, status, reason, message: cut(message), observedGeneration, lastTransitionTime };
  });
}

/** metav1.Condition has a limit, in characters. */
const LONGEST_MESSAGE = 32_768;

function cut(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE - 1)}\u2026`;
}
