import { PATRONI } from "../../desired/services.ts";
import type { PostgresHACluster } from "../../api/index.ts";
import type { ResolvedCluster } from "./resolve.ts";

/** Debian packages of a member. */
export function packagesOf({ cluster, dcs, ground }: ResolvedCluster): readonly string[] {
  const { version } = cluster.spec.postgresql;
  // All else is in the image.
  if (ground !== "host") return [REST_CLIENT];
  return [
    `postgresql-${version}`,
    "patroni",
    // On every member, since any of them may lead. Only where it is declared: not every release has it.
    ...(wantsVector(cluster) ? [`postgresql-${version}-pgvector`] : []),
    REST_CLIENT,
    ...dcs.packages,
  ];
}

/** The REST API is asked through it. */
const REST_CLIENT = "curl";

/** Those of them that are kept new: all that takes part in serving. */
export function upgradedOf(resolved: ResolvedCluster): readonly string[] {
  return packagesOf(resolved).filter((name) => name === PATRONI.package || name.startsWith("postgresql-"));
}

/** Whether any database declares pgvector's extension. */
export function wantsVector(cluster: PostgresHACluster): boolean {
  return cluster.spec.databases.some((database) => database.extensions.includes("vector"));
}
