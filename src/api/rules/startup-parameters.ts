import type { PgBouncerPool, PostgresHACluster } from "../kinds.ts";
import { warning, type Finding } from "./finding.ts";

/** Settings that PostgreSQL tells its clients about whenever they change, with the major version that began to. */
const REPORTED: ReadonlyMap<string, number> = new Map([
  ...[
    "application_name",
    "client_encoding",
    "datestyle",
    "default_transaction_read_only",
    "in_hot_standby",
    "integer_datetimes",
    "intervalstyle",
    "is_superuser",
    "server_encoding",
    "server_version",
    "session_authorization",
    "standard_conforming_strings",
    "timezone",
  ].map((name): [string, number] => [name, 0]),
  ["scram_iterations", 16],
  ["search_path", 18],
]);

/** What becomes of the startup parameters of clients: a list that loses the default's, or that carries nothing. */
export function* startupParameters(pooler: PgBouncerPool, cluster: PostgresHACluster | undefined): Iterable<Finding> {
  const { ignore_startup_parameters: ignored, track_extra_parameters: tracked } = pooler.spec.parameters;
  if (ignored !== undefined && !namesIn(ignored).includes("extra_float_digits")) {
    yield warning(
      pooler,
      "spec.parameters.ignore_startup_parameters",
      "has no extra_float_digits, which the default has: the JDBC driver sends it and is refused then",
      `write ${["extra_float_digits", ...namesIn(ignored)].join(",")} unless no such client comes`,
    );
  }
  const version = cluster?.spec.postgresql.version;
  if (tracked === undefined || version === undefined) return;
  const lost = namesIn(tracked).filter((name) => (REPORTED.get(name.toLowerCase()) ?? Infinity) > version);
  if (lost.length === 0) return;
  yield warning(
    pooler,
    "spec.parameters.track_extra_parameters",
    `has ${lost.join(", ")}, which PostgreSQL ${version} does not report: PgBouncer lets clients in with ` +
      "it, and loses what they asked for",
    "set it for the role or the database (ALTER ROLE ... SET), or use poolMode session with a SET after connecting",
  );
}

function namesIn(list: number | string): readonly string[] {
  return String(list)
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
