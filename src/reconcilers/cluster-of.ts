import type { HAProxyPool, PgBouncerPool, PostgresHACluster } from "../api/index.ts";
import type { Credentials } from "../credentials/index.ts";
import type { Blocker } from "../plan/plan.ts";
import type { Context } from "./reconciler.ts";
import type { ClusterSecrets } from "./secrets.ts";

/** The cluster that a pool leads to, with its accounts, or why there is none to be had. */
export function clusterOf(
  name: string,
  pool: HAProxyPool | PgBouncerPool,
  context: Context,
): {
  readonly found?: {
    readonly cluster: PostgresHACluster;
    readonly credentials: Credentials;
    readonly secrets: ClusterSecrets;
  };
  readonly blockers: readonly Blocker[];
} {
  const { name: wanted } = pool.spec.clusterRef;
  const cluster = context.clusters.find(
    (candidate) => candidate.metadata.name === wanted && candidate.metadata.namespace === pool.metadata.namespace,
  );
  if (cluster === undefined) {
    return {
      blockers: [
        {
          resource: name,
          reason: "ClusterNotFound",
          why: `there is no PostgresHACluster ${wanted}`,
          wayOut: "Create it, or correct spec.clusterRef.name.",
          scope: "everything",
        },
      ],
    };
  }
  const secrets = context.clusterSecrets.get(cluster);
  const credentials = secrets?.credentials;
  // Unusable Secrets are the cluster's own finding; said once, there.
  return secrets === undefined || credentials === undefined
    ? { blockers: [] }
    : { found: { cluster, credentials, secrets }, blockers: [] };
}
