import type { PostgresHACluster } from "../../api/index.ts";
import type { ResolvedCluster } from "./resolve.ts";

/** Debian packages of a member. */
export function packagesOf({ cluster, pysyncobj }: ResolvedCluster): readonly string[] {
  const { version } = cluster.spec.postgresql;
  return [
    `postgresql-${version}`,
    "patroni",
    // On every member, since any of them may lead. Only where it is declared: not every release has it.
    ...(wantsVector(cluster) ? [`postgresql-${version}-pgvector`] : []),
    // RAFT traffic is encrypted with it; the REST API is asked through curl.
    "python3-cryptography",
    "curl",
    ...(pysyncobj === undefined ? ["python3-pysyncobj"] : []),
  ];
}

/** Whether any database declares pgvector's extension. */
export function wantsVector(cluster: PostgresHACluster): boolean {
  return cluster.spec.databases.some((database) => database.extensions.includes("vector"));
}
