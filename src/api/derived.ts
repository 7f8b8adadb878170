import type {
  MemberHost,
  PgBouncerPool,
  HAProxyPool,
  PoolHost,
  PostgresHACluster,
  RoleSpec,
  SshSpec,
} from "./kinds.ts";
import { FAILOVER_TIMINGS } from "./timings.ts";
import type { PatroniTiming } from "./timings.ts";

/**
 * Defaults that depend on other fields, which a schema can't express. The spec leaves them absent; everyone who needs
 * one asks here.
 */

/** PGDATA on every member. Always strictly below the mount point. */
export function dataDirectoryOf(cluster: PostgresHACluster): string {
  return cluster.spec.postgresql.dataDirectory ?? `${cluster.spec.postgresql.dataVolume.mountPath}/pgdata`;
}

/** The cluster's name inside Patroni. */
export function scopeOf(cluster: PostgresHACluster): string {
  return cluster.spec.patroni.scope ?? cluster.metadata.name;
}

/** Names of the Secrets of a cluster, whether given or the usual ones. */
export interface SecretNames {
  readonly superuser: string;
  readonly replication: string;
  readonly rewind: string;
  readonly restApi: string;
  /** Of the account that members of the DCS know each other by. */
  readonly dcs: string;
  readonly pgbouncerAdmin: string;
  /** What pgha keeps of its own: the verifiers that PostgreSQL holds. */
  readonly verifiers: string;
  readonly pgbouncerStats: string;
  /** By role name. */
  readonly roles: ReadonlyMap<string, string>;
}

export function secretNames(cluster: PostgresHACluster): SecretNames {
  const { credentials, roles } = cluster.spec;
  const name = cluster.metadata.name;
  return {
    superuser: credentials.superuserSecretRef?.name ?? `${name}-superuser`,
    replication: credentials.replicationSecretRef?.name ?? `${name}-replication`,
    rewind: credentials.rewindSecretRef?.name ?? `${name}-rewind`,
    restApi: credentials.restApiSecretRef?.name ?? `${name}-patroni-api`,
    dcs: dcsSecretOf(cluster).name,
    pgbouncerAdmin: `${name}-pgbouncer-admin`,
    verifiers: `${name}-verifiers`,
    pgbouncerStats: `${name}-pgbouncer-stats`,
    roles: new Map(roles.map((role) => [role.name, roleSecretName(name, role)])),
  };
}

/** The DCS's Secret: where the spec may name it, what it is called, and what it holds. */
export function dcsSecretOf(cluster: PostgresHACluster): {
  readonly field: string;
  readonly name: string;
  readonly purpose: string;
  readonly title: string;
  readonly username: string;
} {
  const { credentials } = cluster.spec;
  return {
    field: "raftSecretRef",
    name: credentials.raftSecretRef?.name ?? `${cluster.metadata.name}-raft`,
    purpose: "RAFT",
    title: "RAFT password",
    // A password without a user. Secrets want one all the same.
    username: "raft",
  };
}

/** Ports of the DCS on the members, with the fields that set them. */
export function dcsPortsOf({ spec }: PostgresHACluster): readonly (readonly [path: string, port: number])[] {
  return [["spec.patroni.dcs.raft.port", spec.patroni.dcs.raft.port]];
}

function roleSecretName(cluster: string, role: RoleSpec): string {
  return role.passwordSecretRef?.name ?? `${cluster}-role-${asLabel(role.name)}`;
}

/** A role's name as a part of a Secret's name. Two roles may come out alike; rules/secrets.ts refuses that. */
function asLabel(role: string): string {
  return (
    role
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "x"
  );
}

/** The SSH settings that hold for one host: its own where it has them, else the resource's. */
export function sshOf(
  spec: { readonly ssh: SshSpec },
  host: PoolHost | MemberHost,
): Required<Pick<SshSpec, "user" | "port" | "become">> & Pick<SshSpec, "bastion"> {
  const bastion = host.ssh?.bastion ?? spec.ssh.bastion;
  return {
    user: host.ssh?.user ?? spec.ssh.user,
    port: host.ssh?.port ?? spec.ssh.port,
    become: host.ssh?.become ?? spec.ssh.become,
    ...(bastion === undefined ? {} : { bastion }),
  };
}

/**
 * The HAProxyPool that a PgBouncerPool connects through: the one it names, else the one of its cluster that shares a
 * host.
 */
export function haproxyPoolOf(pool: PgBouncerPool, candidates: readonly HAProxyPool[]): HAProxyPool | undefined {
  const sameNamespace = candidates.filter((candidate) => candidate.metadata.namespace === pool.metadata.namespace);
  const named = pool.spec.haproxyPoolRef?.name;
  if (named !== undefined) return sameNamespace.find((candidate) => candidate.metadata.name === named);
  const addresses = new Set(pool.spec.hosts.map((host) => host.address));
  const sharing = sameNamespace.filter(
    (candidate) =>
      candidate.spec.clusterRef.name === pool.spec.clusterRef.name &&
      candidate.spec.hosts.some((host) => addresses.has(host.address)),
  );
  return sharing.length === 1 ? sharing[0] : undefined;
}

/** The timing of a cluster's Patroni: what is written, else what its profile has. */
export function patroniTimingOf({ spec: { patroni } }: PostgresHACluster): PatroniTiming {
  const { ttl, loopWait, retryTimeout } = FAILOVER_TIMINGS[patroni.failover].patroni;
  return {
    ttl: patroni.ttl ?? ttl,
    loopWait: patroni.loopWait ?? loopWait,
    retryTimeout: patroni.retryTimeout ?? retryTimeout,
  };
}

/** How often a HAProxy asks servers that are down, in milliseconds. */
export function downIntervalMsOf({ spec: { checks } }: HAProxyPool, { spec }: PostgresHACluster): number {
  return checks.downIntervalMs ?? checks[FAILOVER_TIMINGS[spec.patroni.failover].downInterval];
}

/** How long a PgBouncer that leads to this cluster waits after a login that failed, in seconds. */
export function loginRetrySecondsOf({ spec }: PostgresHACluster): number {
  return FAILOVER_TIMINGS[spec.patroni.failover].loginRetrySeconds;
}
