import { PATRONI } from "../../desired/services.ts";
import type { PostgresHACluster } from "../../api/index.ts";
import type { ResolvedCluster } from "./resolve.ts";

/** Debian packages of a member. */
export function packagesOf({ cluster, dcs }: ResolvedCluster): readonly string[] {
  const { version } = cluster.spec.postgresql;
  return [
    `postgresql-${version}`,
    "patroni",
    // On every member, since any of them may lead. Only where it is declared: not every release has it.
    ...(wantsVector(cluster) ? [`postgresql-${version}-pgvector`] : []),
    // The REST API is asked through it.
    "curl",
    ...dcs.packages,
  ];
}

/** Those of them that are kept new: all that takes part in serving. */
export function upgradedOf(resolved: ResolvedCluster): readonly string[] {
  return packagesOf(resolved).filter((name) => name === PATRONI.package || name.startsWith("postgresql-"));
}

/** Whether any database declares pgvector's extension. */
export function wantsVector(cluster: PostgresHACluster): boolean {
  return cluster.spec.databases.some((database) => database.extensions.includes("vector"));
}
