/** What is last known of a cluster by who looks at it: a pool in front of it must not say something else. */
export interface ClusterWord {
  readonly leader: string | undefined;
}

/**
 * The word of a cluster's status, stored or just made: who leads, or that members were seen and none does. Undefined
 * where nobody can tell, since then HAProxy knows better.
 */
export function clusterWord(
  leader: string | undefined,
  conditions: readonly { readonly type: string; readonly status: string; readonly reason: string }[] = [],
): ClusterWord | undefined {
  const available = conditions.find(({ type }) => type === "Available");
  const isLeaderless = available?.status === "False" && available.reason === "NoLeader";
  return leader === undefined && !isLeaderless ? undefined : { leader };
}
