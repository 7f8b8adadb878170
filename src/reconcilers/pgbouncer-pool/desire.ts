import { PGBOUNCER } from "../../desired/services.ts";
import { canonicalAddress, dcsPortsOf, loginRetrySecondsOf, SYSTEM_ROLES } from "../../api/index.ts";
import type { PoolHost } from "../../api/index.ts";
import type { DesiredHost, DesiredService } from "../../desired/host.ts";
import type { LoginsQuestion } from "../../facts/logins.ts";
import { keepLast } from "../../keep-last.ts";
import { renderPgBouncer } from "../../render/pgbouncer-ini.ts";
import type { PgBouncerInput } from "../../render/pgbouncer-ini.ts";
import { sha256 } from "../../render/digest.ts";
import { pgbouncerContainerUnit } from "../../render/container-units.ts";
import { fileLimitOf, pgbouncerUnit } from "../../render/units.ts";
import { keyOf } from "../container.ts";
import type { Ground } from "../container.ts";
import { upstreamOf } from "./resolve.ts";
import type { ResolvedPgBouncer } from "./resolve.ts";

export interface DesiredPooler {
  readonly name: string;
  readonly spec: PoolHost;
  /**
   * What the host should look like with this version of PgBouncer, installed or about to be, or in an image: an older
   * one does not start with a setting it does not know.
   */
  readonly with: (version: string | undefined, ground?: Ground) => VersionedPooler;
}

export interface VersionedPooler {
  readonly host: DesiredHost;
  /** Its PgBouncer. What it has loaded, SHOW CONFIG gives as syslog_ident. */
  readonly service: DesiredService;
  /** What SHOW CONFIG gives of the settings that are written. */
  readonly settings: Readonly<Record<string, string>>;
  /** Who is let in, those of the console included, and the databases that it leads to. */
  readonly users: readonly string[];
  readonly databases: readonly string[];
  /** How long its process serves on when another takes its place, and on which ports of its host others serve. */
  readonly drainSeconds: number;
  readonly portsOfOthers: readonly number[];
}

export interface DesiredPgBouncer {
  readonly resolved: ResolvedPgBouncer;
  readonly hosts: readonly DesiredPooler[];
  /** Who must be able to log in through every pooler. */
  readonly logins: LoginsQuestion["logins"];
}

/** What the pool's hosts should look like, and what clients must be able to do. Pure. */
export function desirePgBouncerPool(resolved: ResolvedPgBouncer): DesiredPgBouncer {
  const { cluster, users } = resolved;
  const { databases } = cluster.spec;
  return {
    resolved,
    hosts: resolved.pool.spec.hosts.map((host) => {
      const keep = keepLast<VersionedPooler>();
      return {
        name: host.name,
        spec: host,
        with: (version, ground = "host") =>
          keep([version, ...keyOf(ground)], () => withVersion(resolved, host, version, ground)),
      };
    }),
    logins: users.logins.flatMap(({ username, password }) => {
      const database = databases.find((candidate) => candidate.owner === username) ?? databases[0];
      return database === undefined ? [] : [{ role: username, database: database.name, password }];
    }),
  };
}

function withVersion(
  resolved: ResolvedPgBouncer,
  host: PoolHost,
  version: string | undefined,
  ground: Ground,
): VersionedPooler {
  const { cluster, users, pool } = resolved;
  const {
    port,
    poolMode,
    maxClientConnections,
    parameters,
    defaultPoolSize,
    minPoolSize,
    reservePoolSize,
    maxDatabaseConnections,
    maxPreparedStatements,
    serverIdleTimeoutSeconds,
  } = pool.spec;
  const { addresses, writePort } = upstreamOf(resolved, host.address);
  const rendered = renderPgBouncer({
    version,
    port,
    poolMode,
    maxClientConnections,
    parameters,
    defaultPoolSize,
    minPoolSize,
    reservePoolSize,
    maxDatabaseConnections,
    maxPreparedStatements,
    serverIdleTimeoutSeconds,
    loginRetrySeconds: loginRetrySecondsOf(cluster),
    listenAddresses: [host.address, "127.0.0.1"],
    upstream: { addresses, port: writePort },
    databases: cluster.spec.databases.map((database) => database.name),
    users: users.users.map(({ name, verifier }) => ({ name, verifier: verifier.reveal() })),
    ...consoleUsers(resolved),
  });
  const isHost = ground === "host";
  const unit = isHost ? pgbouncerUnit({ maxClientConnections }) : pgbouncerContainerUnit(ground, maxClientConnections);
  const owners = isHost
    ? { owner: "postgres", group: "postgres" }
    : { owner: String(ground.inside.uid), group: String(ground.inside.gid) };
  const own = { ...owners, mode: 0o600 };
  const service: DesiredService = {
    of: PGBOUNCER,
    loadedMark: rendered.ident,
    startedMark: unit.startedMark,
    startedFrom: { [PGBOUNCER.unitFile]: sha256(unit.content) },
    ...(isHost ? {} : { image: ground.image }),
    environment: [],
    fileLimit: fileLimitOf(maxClientConnections),
    clients: { field: "spec.maxClientConnections", most: maxClientConnections },
  };
  return {
    service,
    settings: rendered.settings,
    users: [...users.users.map(({ name }) => name), SYSTEM_ROLES.pgbouncerAdmin, SYSTEM_ROLES.pgbouncerStats],
    databases: cluster.spec.databases.map((database) => database.name),
    drainSeconds: pool.spec.drainSeconds,
    portsOfOthers: portsOfOthers(resolved, host),
    host: {
      host: host.name,
      packages: {
        names: isHost ? [PGBOUNCER.package, `postgresql-client-${cluster.spec.postgresql.version}`] : [],
        versions: pool.spec.packages.versions ?? {},
        services: { [PGBOUNCER.package]: [PGBOUNCER.packagedUnit] },
        source: cluster.spec.postgresql.packageSource,
      },
      upgrades: {
        names: isHost ? [PGBOUNCER.package] : [],
        isAutomatic: pool.spec.packages.upgrade === "Automatic",
      },
      artifacts: [],
      directories: [{ path: PGBOUNCER.folder, ...owners, mode: 0o750 }],
      files: [
        // First, since it is tried before it goes live: when it is refused, nothing of the rest is written either.
        {
          path: PGBOUNCER.config,
          content: rendered.ini,
          ...own,
          mode: 0o640,
          secret: false,
          validate: "pgbouncer",
          ...(isHost ? {} : { container: ground }),
        },
        { path: PGBOUNCER.userlist, content: rendered.userlist, ...own, secret: true },
        {
          path: PGBOUNCER.unitFile,
          content: unit.content,
          owner: "root",
          group: "root",
          mode: 0o644,
          secret: false,
        },
      ],
      services: [service],
      masked: [],
    },
  };
}

/** Of what else of the stack is declared there. */
function portsOfOthers({ haproxy, cluster }: ResolvedPgBouncer, { address }: PoolHost): readonly number[] {
  const isHere = (host: { readonly address: string }): boolean =>
    canonicalAddress(host.address) === canonicalAddress(address);
  const { postgresql, patroni, hosts } = cluster.spec;
  return [
    ...(haproxy.spec.hosts.some(isHere) ? Object.values(haproxy.spec.ports) : []),
    ...(hosts.some(isHere)
      ? [postgresql.port, patroni.restApi.port, ...dcsPortsOf(cluster).map(([, port]) => port)]
      : []),
  ];
}

/** Who may use PgBouncer's console, and who may only read there. */
function consoleUsers({ credentials, users }: ResolvedPgBouncer): Pick<PgBouncerInput, "admin" | "stats"> {
  const admin = users.console.pgbouncerAdmin;
  if (credentials.pgbouncerAdmin === undefined || admin === undefined)
    throw new TypeError("a cluster with a PgBouncerPool has an admin of PgBouncer");
  return {
    admin: { name: SYSTEM_ROLES.pgbouncerAdmin, verifier: admin.reveal() },
    stats: { name: SYSTEM_ROLES.pgbouncerStats, verifier: users.console.pgbouncerStats?.reveal() },
  };
}
