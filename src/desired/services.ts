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
  readonly config: string;
  /** What it reads at its start, and again when it is reloaded. */
  readonly reads: readonly string[];
  /** What a new process of it alone reads, beside `unitFile`. */
  readonly startsFrom: readonly string[];
  /** Files of its own beside these, outside `folder`. */
  readonly besides: readonly string[];
  /** A folder of pgha's own. */
  readonly folder?: string;
  /** The program, where the process runs it itself and no interpreter does. */
  readonly program?: string;
  /** Its container, where it runs in one. */
  readonly container?: ContainerNames;
}

/** What a service's container is called, and what an image must have for it. */
export interface ContainerNames {
  readonly name: string;
  /** The program, on the PATH inside. */
  readonly program: string;
  /** Users that it may run as: the first of them that the image has. */
  readonly users: readonly string[];
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
  reads: ["/etc/patroni/config.yml"],
  startsFrom: [PATRONI_FILES.startFile],
  ...PATRONI_FILES,
  besides: Object.values(PATRONI_FILES),
  container: { name: "pgha-patroni", program: "patroni", users: ["postgres"] },
  /** While it names a moment that is to come, in seconds since the epoch, who leads gives the lead away. */
  handover: "/run/postgresql/pgha-switchover",
} as const satisfies Service & Readonly<Record<string, unknown>>;

/** The same in a container: nothing of the distribution's is there, and the whole unit is pgha's. */
export const PATRONI_INSIDE = {
  ...PATRONI,
  unitFile: "/etc/systemd/system/patroni.service",
  /** Sockets, in place of /run/postgresql, which may be somebody's on this host. */
  runtimeDirectory: "/run/pgha-patroni",
  socketDirectory: "/run/postgresql",
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
  reads: ["/etc/pgha/haproxy/haproxy.cfg"],
  startsFrom: [],
  besides: [],
  program: "/usr/sbin/haproxy",
  container: { name: "pgha-haproxy", program: "haproxy", users: ["haproxy"] },
  runtimeDirectory: "/run/pgha-haproxy",
  socket: "/run/pgha-haproxy/admin.sock",
  serverState: "/run/pgha-haproxy/server-state",
  /** Says by which process of it pgha leads readers past whom, while it does, and is locked by who sees to its end. */
  lease: "/run/pgha/readers.lease",
} as const satisfies Service & Readonly<Record<string, unknown>>;

/** The process of PgBouncer that another has taken the place of, while it goes on serving those that it has. */
const FORMER_POOLER = {
  /** It keeps that process, ends it at its time, and goes with it. */
  unit: "pgha-pgbouncer-former.service",
  /** Its console is here. */
  socketDirectory: "/run/pgha-pgbouncer-former",
  /** Names the process that the next reload replaces, while it is the main one. */
  replaced: "/run/pgha-pgbouncer-former/replaced",
  /** Which process it is, until when it serves (seconds since the epoch), its port, whether it takes new clients. */
  note: "/run/pgha/pooler.former",
  script: "/run/pgha/pooler.keep",
} as const;

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
  reads: ["/etc/pgha/pgbouncer/pgbouncer.ini", "/etc/pgha/pgbouncer/userlist.txt"],
  startsFrom: [],
  besides: [],
  program: "/usr/sbin/pgbouncer",
  container: { name: "pgha-pgbouncer", program: "pgbouncer", users: ["postgres", "pgbouncer"] },
  socketDirectory: "/run/pgha-pgbouncer",
  /** The process that is its unit's main one: where another took the place of the first, systemd reads it there. */
  pidFile: "/run/pgha-pgbouncer/pid",
  former: FORMER_POOLER,
  /** Says which process of it pgha paused, while it does, and is locked by who sees to its end. */
  lease: "/run/pgha/pooler.lease",
} as const satisfies Service & Readonly<Record<string, unknown>>;

/** Where the administrator's units are, before those of packages. */
export const UNIT_FOLDER = "/etc/systemd/system";

/** What runs containers: the distribution's Docker, or the one that is there. */
export const ENGINE = {
  title: "Docker",
  unit: "docker.service",
  package: "docker.io",
  /** Where it answers. */
  socket: "/run/docker.sock",
  /** Read when it starts. */
  config: "/etc/docker/daemon.json",
} as const;

/** pgha's own firewall: one table of nftables, and a unit that loads it at boot. */
export const FIREWALL = {
  unit: "pgha-firewall.service",
  unitFile: "/etc/systemd/system/pgha-firewall.service",
  /** There while it is loaded at boot. */
  enabledLink: "/etc/systemd/system/sysinit.target.wants/pgha-firewall.service",
  folder: "/etc/pgha/firewall",
  ruleset: "/etc/pgha/firewall/ruleset.nft",
  /** Digest of what was tried last and taken back. */
  refused: "/etc/pgha/firewall/refused",
  /** What pgha loaded: digest of the rules, digest of what the kernel made of them, each time that they are loaded. */
  loaded: "/etc/pgha/firewall/loaded",
  /** The timer that takes a new one back. */
  trial: "pgha-firewall-trial",
} as const;

/** What pgha says to a host's sshd: a file of its own, before those of others, of which sshd heeds the first word. */
export const SSHD = {
  units: ["ssh.service", "sshd.service"],
  dropIn: "/etc/ssh/sshd_config.d/00-pgha.conf",
  folder: "/etc/pgha/sshd",
  refused: "/etc/pgha/sshd/refused",
  /** Revision of the drop-in that it was last told to read, as of other services (ADR 28). */
  told: "/var/lib/pgha/told/ssh.service",
  trial: "pgha-sshd-trial",
} as const;
