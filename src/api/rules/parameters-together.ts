import { settingsOf } from "../parameters/setting.ts";
import { judgeValue } from "../parameters/value.ts";
import type { PostgresHACluster, Resource } from "../kinds.ts";
import { problem, type Finding } from "./finding.ts";
import { parameterPath } from "./parameter-text.ts";

/**
 * What PostgreSQL checks at its start only, of settings that are sound one by one: it would not come back from a
 * restart.
 */
export function* parametersTogether(resources: readonly Resource[]): Iterable<Finding> {
  for (const resource of resources) if (resource.kind === "PostgresHACluster") yield* judge(resource);
}

function* judge(cluster: PostgresHACluster): Iterable<Finding> {
  const { version, parameters } = cluster.spec.postgresql;
  const settings = settingsOf(version);
  /** As PostgreSQL reads it; undefined for what is not written, or wrong by itself. */
  const value = (name: string): string | undefined => {
    const [setting, written] = [settings?.get(name), parameters[name]];
    const judged = setting === undefined || written === undefined ? undefined : judgeValue(setting, written);
    return judged?.ok === true ? judged.value : undefined;
  };
  const number = (name: string, otherwise: number): number => Number(value(name) ?? otherwise);
  const refuse = (name: string, message: string, wayOut: string) =>
    problem(cluster, parameterPath("spec.postgresql.parameters", name), message, wayOut);

  const connections = number("max_connections", 100);
  const reserved = number("superuser_reserved_connections", 3) + number("reserved_connections", 0);
  if (reserved >= connections) {
    const name = value("superuser_reserved_connections") === undefined ? "max_connections" : RESERVED;
    yield refuse(
      name,
      `leaves no connection: ${reserved} of max_connections ${connections} are reserved`,
      "raise max_connections, or reserve fewer",
    );
  }
  const processes = connections + number("max_worker_processes", 8) + number("max_wal_senders", 10);
  if (processes > MOST_PROCESSES && connections <= MOST_PROCESSES)
    yield refuse("max_connections", `is more than a server can have beside its workers`, "lower it");
  for (const name of ["min_wal_size", "max_wal_size"])
    if (number(name, SEGMENTS_MB) < SEGMENTS_MB)
      yield refuse(
        name,
        "is less than two segments of WAL, which PostgreSQL refuses",
        `write ${SEGMENTS_MB}MB or more`,
      );
  for (const name of ["log_parser_stats", "log_planner_stats", "log_executor_stats"])
    if (value("log_statement_stats") === "on" && value(name) === "on")
      yield refuse(name, "can't be on together with log_statement_stats", "keep one of the two");
  if (value("archive_command") && value("archive_library"))
    yield refuse("archive_library", "can't be set together with archive_command", "keep one of the two");
  const [least, most] = [PROTOCOLS.indexOf(value("ssl_min_protocol_version") ?? ""), value("ssl_max_protocol_version")];
  if (most !== undefined && most !== "" && least > PROTOCOLS.indexOf(most))
    yield refuse("ssl_min_protocol_version", "is above ssl_max_protocol_version", "raise the latter");
  const standbys = cluster.spec.hosts.length - 1;
  for (const name of ["max_wal_senders", "max_replication_slots"])
    if (number(name, Infinity) < standbys)
      yield refuse(name, `is not enough for ${standbys} replicas`, `write ${standbys + 1} or more`);
  if (number("max_stack_depth", 0) > MOST_STACK_KB)
    yield refuse(
      "max_stack_depth",
      `is more than ${MOST_STACK_KB}kB, and the stack of a service has 8 MB`,
      `write ${MOST_STACK_KB}kB or less`,
    );
  if (value("bonjour") === "on") yield refuse("bonjour", "is of no build for Debian or Ubuntu", "leave it out");
}

const RESERVED = "superuser_reserved_connections";
const MOST_PROCESSES = 262_143;
const SEGMENTS_MB = 32;
/** 8 MB, systemd's DefaultLimitSTACK, less what PostgreSQL keeps free. */
const MOST_STACK_KB = 7680;
const PROTOCOLS: readonly string[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
