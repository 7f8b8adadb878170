import { dcsSecretOf, secretNames, SYSTEM_ROLES } from "../api/index.ts";
import type { HAProxyPool, PgBouncerPool, PostgresHACluster } from "../api/index.ts";
import { keepLast, oncePer } from "../keep-last.ts";

/** Names of the accounts that pgha makes itself. The DCS has its own. */
const SYSTEM_USERS = { ...SYSTEM_ROLES, restApi: "patroni" } as const;

export type CredentialPurpose = keyof typeof SYSTEM_USERS | "dcs" | "role";

/** Whether only PgBouncer knows the account: it can be given another password at any time. */
export function isOfPooler(purpose: CredentialPurpose): boolean {
  return purpose === "pgbouncerAdmin" || purpose === "pgbouncerStats";
}

/** A Secret that must exist, and what it must hold. */
export interface SecretWish {
  readonly name: string;
  readonly namespace?: string;
  readonly cluster: string;
  readonly purpose: CredentialPurpose;
  /** For people: `superuser postgres`, `role n8n`. */
  readonly title: string;
  readonly username: string;
  /**
   * Whether somebody logs in to PostgreSQL or PgBouncer with it, so that a SCRAM verifier is kept with the password.
   */
  readonly verifier: boolean;
  /**
   * Where the account is used, for the keys host, port, dbname and uri; undefined where nobody is to connect by hand.
   */
  readonly endpoint?: LoginEndpoint;
}

export interface LoginEndpoint {
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  /** All hosts that serve at this port, in the order in which clients try them; left out, there is the one. */
  readonly hosts?: readonly string[];
  /** For libpq's target_session_attrs: whether a client has to look for the one that takes writes. */
  readonly only?: "read-write";
}

/**
 * The Secrets of a cluster and of the pools in front of it: the cluster's own accounts, then one per role that logs in.
 */
export function desiredSecrets(
  cluster: PostgresHACluster,
  pools: { readonly haproxy: readonly HAProxyPool[]; readonly pgbouncer: readonly PgBouncerPool[] },
): readonly SecretWish[] {
  return lastWishes(cluster)([...pools.haproxy, "and", ...pools.pgbouncer], () => wishesOf(cluster, pools));
}

/** Asked for at each visit, several times, and other ones only when a manifest is. */
const lastWishes = oncePer((_: PostgresHACluster) => keepLast<readonly SecretWish[]>());

function wishesOf(cluster: PostgresHACluster, pools: Parameters<typeof desiredSecrets>[1]): readonly SecretWish[] {
  const names = secretNames(cluster);
  const proxy = first(pools.haproxy.filter(serves(cluster)));
  const pooler = first(pools.pgbouncer.filter(serves(cluster)));
  const writer =
    proxy === undefined
      ? endpoint(cluster.spec, cluster.spec.postgresql.port, "read-write")
      : endpoint(proxy.spec, proxy.spec.ports.write, "read-write");
  // Not looked for behind a pooler: what it says of a server is what it heard when it first logged in to one.
  const pooled = pooler === undefined ? undefined : endpoint(pooler.spec, pooler.spec.port);
  // A console is that of one pooler.
  const console =
    pooler === undefined ? undefined : endpoint({ hosts: pooler.spec.hosts.slice(0, 1) }, pooler.spec.port);
  const dcs = dcsSecretOf(cluster);
  const users = { ...SYSTEM_USERS, dcs: dcs.username };
  const wish = (
    purpose: keyof typeof users,
    name: string,
    title: string,
    verifier: boolean,
    at?: LoginEndpoint,
  ): SecretWish => ({
    ...common(cluster),
    name,
    purpose,
    title: `${title} ${users[purpose]}`,
    username: users[purpose],
    verifier,
    ...(at === undefined ? {} : { endpoint: at }),
  });
  return [
    wish("superuser", names.superuser, "superuser", true, writer("postgres")),
    wish("replication", names.replication, "replication role", true),
    wish("rewind", names.rewind, "rewind role", true),
    wish("restApi", names.restApi, "Patroni REST user", false),
    wish("dcs", names.dcs, dcs.title, false),
    ...(console === undefined
      ? []
      : [
          wish("pgbouncerAdmin", names.pgbouncerAdmin, "PgBouncer admin", true, console("pgbouncer")),
          wish("pgbouncerStats", names.pgbouncerStats, "PgBouncer's figures", true, console("pgbouncer")),
        ]),
    ...cluster.spec.roles
      .filter((role) => role.login)
      .map((role): SecretWish => {
        const dbname = cluster.spec.databases.find((database) => database.owner === role.name)?.name ?? "postgres";
        const name = names.roles.get(role.name) ?? role.name;
        return {
          ...common(cluster),
          name,
          purpose: "role",
          title: `role ${role.name}`,
          username: role.name,
          verifier: true,
          endpoint: (pooled ?? writer)(dbname),
        };
      }),
  ];
}

function common(cluster: PostgresHACluster): Pick<SecretWish, "cluster" | "namespace"> {
  const { name, namespace } = cluster.metadata;
  return { cluster: name, ...(namespace === undefined ? {} : { namespace }) };
}

function serves(cluster: PostgresHACluster): (pool: HAProxyPool | PgBouncerPool) => boolean {
  return (pool) =>
    pool.spec.clusterRef.name === cluster.metadata.name && pool.metadata.namespace === cluster.metadata.namespace;
}

/** By name: in whatever order pools are read, the same one is where to log in. */
function first<Pool extends HAProxyPool | PgBouncerPool>(pools: readonly Pool[]): Pool | undefined {
  return pools.toSorted((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1))[0];
}

/** The name that clients use where there is one, else all hosts. */
function endpoint(
  {
    hosts,
    clientEndpoint,
  }: Pick<(HAProxyPool | PgBouncerPool)["spec"], "clientEndpoint"> & {
    readonly hosts: readonly { readonly address: string }[];
  },
  port: number,
  only?: "read-write",
): (dbname: string) => LoginEndpoint {
  const all = clientEndpoint === undefined ? hosts.map(({ address }) => address) : [clientEndpoint.host];
  return (dbname) => ({
    host: all[0] ?? "localhost",
    port: clientEndpoint?.port ?? port,
    dbname,
    ...(all.length < 2 ? {} : { hosts: all, ...(only === undefined ? {} : { only }) }),
  });
}
