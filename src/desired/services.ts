/**
 * A program that pgha runs on hosts: what it is called, and where all that is its own lies. Every layer reads it here:
 * facts look there, renderers write it, changes act on it, removal takes it away.
 */
export interface Service {
  /** What a person calls it. */
  readonly title: string;
  readonly unit: string;
  /** The unit file, or the drop-in beside the package's own. */
  readonly unitFile: string;
  /** The package, and the unit that it would start by itself: masked when it is installed for the first time. */
  readonly package: string;
  readonly packagedUnit: string;
  /** What it reads at its start, and again when it is reloaded. */
  readonly config: string;
  /** Files of its own beside these, outside `folder`. */
  readonly besides: readonly string[];
  /** A folder of pgha's own. */
  readonly folder?: string;
  /** The program, where the process runs it itself and no interpreter does. */
  readonly program?: string;
}

const PATRONI_FILES = {
  /** The environment that it is started with. */
  startFile: "/etc/patroni/pgha-start.env",
  /** patronictl as people type it. */
  tool: "/usr/local/bin/patronictl",
  /** Of Debian's postgresql-common. */
  createCluster: "/etc/postgresql-common/createcluster.d/pgha.conf",
} as const;

/** Debian's own unit and configuration, with pgha's drop-in: patronictl and people find it where they look. */
export const PATRONI = {
  title: "Patroni",
  unit: "patroni.service",
  unitFile: "/etc/systemd/system/patroni.service.d/pgha.conf",
  package: "patroni",
  packagedUnit: "patroni.service",
  config: "/etc/patroni/config.yml",
  ...PATRONI_FILES,
  besides: Object.values(PATRONI_FILES),
} as const satisfies Service & Readonly<Record<string, unknown>>;

/** The distribution's umbrella over clusters made by pg_createcluster: in our way, whatever it would start (F38). */
export const PACKAGED_POSTGRESQL = { unit: "postgresql.service", title: "the distribution's PostgreSQL" } as const;

/** pgha's own HAProxy: all of it has names of its own, beside whatever HAProxy the host runs already (F53). */
export const HAPROXY = {
  title: "HAProxy",
  unit: "pgha-haproxy.service",
  unitFile: "/etc/systemd/system/pgha-haproxy.service",
  package: "haproxy",
  packagedUnit: "haproxy.service",
  folder: "/etc/pgha/haproxy",
  config: "/etc/pgha/haproxy/haproxy.cfg",
  besides: [],
  program: "/usr/sbin/haproxy",
  runtimeDirectory: "/run/pgha-haproxy",
  socket: "/run/pgha-haproxy/admin.sock",
  serverState: "/run/pgha-haproxy/server-state",
} as const satisfies Service & Readonly<Record<string, unknown>>;

/** pgha's own PgBouncer. */
export const PGBOUNCER = {
  title: "PgBouncer",
  unit: "pgha-pgbouncer.service",
  unitFile: "/etc/systemd/system/pgha-pgbouncer.service",
  package: "pgbouncer",
  packagedUnit: "pgbouncer.service",
  folder: "/etc/pgha/pgbouncer",
  config: "/etc/pgha/pgbouncer/pgbouncer.ini",
  userlist: "/etc/pgha/pgbouncer/userlist.txt",
  besides: [],
  program: "/usr/sbin/pgbouncer",
  socketDirectory: "/run/pgha-pgbouncer",
} as const satisfies Service & Readonly<Record<string, unknown>>;
