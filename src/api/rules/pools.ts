import { haproxyPoolOf } from "../derived.ts";
import type { HAProxyPool, PgBouncerPool, PostgresHACluster, Resource } from "../kinds.ts";
import { shown } from "../shown.ts";
import { closest } from "../suggest.ts";
import { labelOf, problem, sameNamespace, warning, type Finding } from "./finding.ts";
import { OWNED_OF_PGBOUNCER } from "./owned-parameters.ts";
import { NEWEST_PGBOUNCER_MINOR, PGBOUNCER_SETTINGS, settingProblem } from "./pgbouncer-settings.ts";
import { startupParameters } from "./startup-parameters.ts";
import { parameterPath, unwritable } from "./parameter-text.ts";

/** Sizes, timeouts and settings of the pools, by themselves and against what they lead to. */
export function* poolRules(resources: readonly Resource[]): Iterable<Finding> {
  const clusters = resources.filter((resource) => resource.kind === "PostgresHACluster");
  const proxies = resources.filter((resource) => resource.kind === "HAProxyPool");
  const poolers = resources.filter((resource) => resource.kind === "PgBouncerPool");
  for (const pooler of poolers) {
    yield* settings(pooler);
    yield* startupParameters(
      pooler,
      clusters.find((one) => sameNamespace(one, pooler) && one.metadata.name === pooler.spec.clusterRef.name),
    );
    yield* sizes(pooler);
    const proxy = haproxyPoolOf(pooler, proxies);
    if (proxy !== undefined) yield* timeouts(pooler, proxy);
  }
  for (const cluster of clusters) {
    yield* budget(
      cluster,
      poolers.filter(
        (pooler) => sameNamespace(pooler, cluster) && pooler.spec.clusterRef.name === cluster.metadata.name,
      ),
    );
  }
}

function* settings(pooler: PgBouncerPool): Iterable<Finding> {
  for (const [name, value] of Object.entries(pooler.spec.parameters)) yield* judgeSetting(pooler, name, value);
}

function* judgeSetting(pooler: PgBouncerPool, name: string, value: number | string): Iterable<Finding> {
  const path = parameterPath("spec.parameters", name);
  const owner = OWNED_OF_PGBOUNCER.get(name.toLowerCase());
  const setting = PGBOUNCER_SETTINGS.get(name);
  const fault = unwritable(value) ?? blankAtAnEnd(value);
  if (owner !== undefined) yield problem(pooler, path, owner.why, owner.wayOut);
  else if (setting === undefined) yield problem(pooler, path, ...unknownSetting(name));
  else if (fault !== undefined)
    yield problem(
      pooler,
      path,
      `is ${shown(value)}, which ${fault}`,
      "write a value that fits on one line of pgbouncer.ini",
    );
  else {
    const wrong = settingProblem(setting, value);
    if (wrong !== undefined) yield problem(pooler, path, `is ${shown(value)}, ${wrong.what}`, wrong.wayOut);
  }
}

/** Message and way out. */
function unknownSetting(name: string): readonly [string, string] {
  const [, table = ""] = /^(pool_size|auth_query|dbname|host|port|password|connect_query)$/.exec(name) ?? [];
  if (table !== "")
    return [
      `${shown(name)} is a setting of a database's line, not of PgBouncer as a whole`,
      "leave it out: pgha writes these lines from the databases of the cluster",
    ];
  const meant = closest(name, [...PGBOUNCER_SETTINGS.keys(), ...OWNED_OF_PGBOUNCER.keys()]);
  const owner = meant === undefined ? undefined : OWNED_OF_PGBOUNCER.get(meant);
  return [
    `${shown(name)} is no setting of PgBouncer (1.${NEWEST_PGBOUNCER_MINOR} or older), which would not start with it`,
    meant === undefined
      ? "take it out, or write its name as https://www.pgbouncer.org/config.html does"
      : `did you mean ${meant}?${owner === undefined ? "" : ` (${owner.why}: ${owner.wayOut})`}`,
  ];
}

function blankAtAnEnd(value: number | string): string | undefined {
  return typeof value === "string" && value.trim() !== value ? "has a blank at an end" : undefined;
}

function* sizes(pooler: PgBouncerPool): Iterable<Finding> {
  const { maxDatabaseConnections, defaultPoolSize, poolMode, maxPreparedStatements } = pooler.spec;
  if (maxDatabaseConnections > 0 && maxDatabaseConnections < defaultPoolSize) {
    yield warning(
      pooler,
      "spec.maxDatabaseConnections",
      `is ${maxDatabaseConnections}, so a pool of ${defaultPoolSize} (defaultPoolSize) never fills`,
      "raise it, or lower defaultPoolSize",
    );
  }
  if (poolMode === "transaction" && maxPreparedStatements === 0) {
    yield warning(
      pooler,
      "spec.maxPreparedStatements",
      "is 0 with transaction pooling, so the prepared statements of most drivers fail",
      "leave it at 200, or switch them off in every driver",
    );
  }
  if (poolMode === "statement") {
    yield warning(
      pooler,
      "spec.poolMode",
      "is statement, so every transaction of more than one statement fails",
      "use transaction unless all clients autocommit",
    );
  }
}

/** HAProxy must not cut a connection that the pooler still counts on (F52). */
function* timeouts(pooler: PgBouncerPool, proxy: HAProxyPool): Iterable<Finding> {
  const idle = pooler.spec.serverIdleTimeoutSeconds;
  const { clientSeconds, serverSeconds } = proxy.spec.timeouts;
  const least = Math.min(clientSeconds, serverSeconds);
  if (idle === 0) {
    yield warning(
      pooler,
      "spec.serverIdleTimeoutSeconds",
      `is 0, so ${labelOf(proxy)} cuts idle connections first, after ${least} s`,
      "set it below that",
    );
  } else if (least <= idle) {
    const message = `is ${idle} s, and ${labelOf(proxy)} cuts connections that are silent for ${least} s`;
    yield problem(
      pooler,
      "spec.serverIdleTimeoutSeconds",
      message,
      "lower it, or raise timeouts.clientSeconds and timeouts.serverSeconds there",
    );
  }
}

/** All pools full at once against what PostgreSQL takes (F74). One pool for each database, used by its owner. */
function* budget(cluster: PostgresHACluster, poolers: readonly PgBouncerPool[]): Iterable<Finding> {
  const { databases, postgresql } = cluster.spec;
  const written = Number(postgresql.parameters["max_connections"] ?? 100);
  const reserved = Number(postgresql.parameters["superuser_reserved_connections"] ?? 3);
  if (!Number.isFinite(written) || !Number.isFinite(reserved)) return;
  const demand = poolers.reduce((sum, { spec }) => {
    const pool = spec.defaultPoolSize + spec.reservePoolSize;
    const perDatabase = spec.maxDatabaseConnections > 0 ? Math.min(pool, spec.maxDatabaseConnections) : pool;
    return sum + spec.hosts.length * databases.length * perDatabase;
  }, 0);
  if (demand <= written - reserved) return;
  yield warning(
    cluster,
    "spec.postgresql.parameters.max_connections",
    `is ${written}, of which ${reserved} are reserved, and the pools can open ${demand} connections to ` +
      `${databases.length} databases`,
    "raise max_connections, or lower defaultPoolSize or reservePoolSize of the pools, or set maxDatabaseConnections",
  );
}
