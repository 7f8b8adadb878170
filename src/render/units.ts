import { HAPROXY, PATRONI, PGBOUNCER } from "../desired/services.ts";
import { countFault, pathFault } from "./faults.ts";
import { notesItsStart } from "./notes-of-start.ts";
import { refuseFaults } from "./refusal.ts";
import { HEADER, markedUnit, ONLINE } from "./unit-file.ts";
import type { UnitFile } from "./unit-file.ts";

/**
 * Drop-in for the distribution's unit of Patroni
 * (https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html).
 *
 * RequiresMountsFor orders Patroni after the volume, and the assertion keeps it from starting when the volume is not
 * there at all, as with `nofail` in fstab: an empty directory would look like a new member (F16). `pythonPath`, where
 * given, is a folder of Python libraries, seen by Patroni alone.
 */
export function patroniDropIn(input: { readonly mountPath: string; readonly pythonPath?: string }): UnitFile {
  refuseFaults(PATRONI.unitFile, [
    ["mountPath", pathFault(input.mountPath)],
    ["pythonPath", input.pythonPath === undefined ? undefined : pathFault(input.pythonPath)],
  ]);
  return markedUnit({
    Unit: [
      `RequiresMountsFor=${input.mountPath}`,
      `AssertPathIsMountPoint=${input.mountPath}`,
      "Wants=network-online.target",
      "After=network-online.target",
      // A member that cannot start yet goes on trying: systemd giving up would need a person in the end.
      "StartLimitIntervalSec=0",
    ],
    Service: [
      ...(input.pythonPath === undefined ? [] : [`Environment=${pythonPathOf(input.pythonPath)}`]),
      // Read at each start, so that the environment of the process tells what it was started with.
      `EnvironmentFile=-${PATRONI.startFile}`,
      execStartPre(notesItsStart(PATRONI, input.pythonPath)),
      "Restart=on-failure",
      "RestartSec=2",
      // PostgreSQL ends with a checkpoint; thirty seconds, as packaged, are too few for a large one.
      "TimeoutStopSec=120",
      // One backend killed for memory must not make systemd stop Patroni and PostgreSQL (the default since v243).
      "OOMPolicy=continue",
      // The kernel looks elsewhere first; backends give the protection up again:
      // https://www.postgresql.org/docs/current/kernel-resources.html#LINUX-MEMORY-OVERCOMMIT
      "OOMScoreAdjust=-900",
      `Environment=${inWords(patroniOutOfMemory)}`,
    ],
  });
}

/** Where backends give up the protection that the postmaster has. */
export const patroniOutOfMemory = { PG_OOM_ADJUST_FILE: "/proc/self/oom_score_adj", PG_OOM_ADJUST_VALUE: "0" } as const;

/** Variables as a unit's Environment= has them. */
export function inWords(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** How Patroni's environment names a folder of libraries. */
export function pythonPathOf(folder: string): string {
  return `PYTHONPATH=${folder}`;
}

/** The variable by which a running Patroni shows what it was started with. */
export const PATRONI_START_VARIABLE = "PGHA_START";

/**
 * Environment of Patroni: the mark of what it takes at its start only (`startDigest`). Made of a password too: root,
 * 0600.
 */
export function patroniStartEnvironment(startDigest: string): string {
  return `${HEADER}\n${PATRONI_START_VARIABLE}=${startDigest}\n`;
}

/**
 * patronictl as people type it, found before the packaged one: that one does not see the library there, and ends
 * with "Can not find suitable configuration of distributed configuration store". Nothing compiled is left in that
 * folder, which is compared.
 */
export function patronictlScript({ pythonPath }: { readonly pythonPath: string }): string {
  refuseFaults("patronictl", [["pythonPath", pathFault(pythonPath)]]);
  return `#!/bin/sh
${HEADER}
# The packaged patronictl with the libraries that Patroni has here.
export PYTHONPATH="${pythonPath}\${PYTHONPATH:+:$PYTHONPATH}" PYTHONDONTWRITEBYTECODE=1
export PATRONICTL_CONFIG_FILE="\${PATRONICTL_CONFIG_FILE:-${PATRONI.config}}"
exec /usr/bin/patronictl "$@"
`;
}

/** pgha's own HAProxy: its own files and socket beside whatever HAProxy the host runs already (F53). */
export function haproxyUnit({ maxConnections = 0 }: { readonly maxConnections?: number } = {}): UnitFile {
  refuseFaults(HAPROXY.unit, [["maxConnections", countFault(maxConnections)]]);
  const program = `${HAPROXY.program} -Ws -f ${HAPROXY.config}`;
  return markedUnit({
    Unit: ["Description=HAProxy for PostgreSQL, kept by pgha", "Documentation=man:haproxy(1)", ...ONLINE],
    Service: [
      "Type=notify",
      "User=haproxy",
      "Group=haproxy",
      "RuntimeDirectory=pgha-haproxy",
      execStartPre(notesItsStart(HAPROXY)),
      `ExecStart=${program} -p ${HAPROXY.runtimeDirectory}/haproxy.pid`,
      // Checked first, then told who is up, then replaced: a bad file leaves the old process as it is (F48).
      `ExecReload=${program} -c -q`,
      `ExecReload=-/usr/bin/perl -MIO::Socket::UNIX -e '${SAVE_SERVER_STATE}'`,
      "ExecReload=/bin/kill -USR2 $MAINPID",
      "KillMode=mixed",
      "SuccessExitStatus=143",
      // Ports below 1024 are legal in the spec.
      "AmbientCapabilities=CAP_NET_BIND_SERVICE",
      "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
      ...supervised(maxConnections),
    ],
    Install: ["WantedBy=multi-user.target"],
  });
}

/**
 * `show servers state` into the server-state-file. perl-base is on every Debian; socat is not. $$ is systemd's $. The
 * file of the reload before goes first: who led then would look up for a moment, if this one could not be saved.
 */
export const SAVE_SERVER_STATE =
  `unlink "${HAPROXY.serverState}"; my $$s = IO::Socket::UNIX->new(Peer => "${HAPROXY.socket}") ` +
  `or die; print $$s "show servers state\\n"; local $$/; my $$t = <$$s>; ` +
  `open(my $$f, ">", "${HAPROXY.serverState}") or die; print $$f $$t; close($$f) or die`;

/** pgha's own PgBouncer. */
export function pgbouncerUnit({ maxClientConnections = 0 }: { readonly maxClientConnections?: number } = {}): UnitFile {
  refuseFaults(PGBOUNCER.unit, [["maxClientConnections", countFault(maxClientConnections)]]);
  return markedUnit({
    Unit: ["Description=PgBouncer, kept by pgha", "Documentation=man:pgbouncer(1)", ...ONLINE, `After=${HAPROXY.unit}`],
    Service: [
      "Type=notify",
      "User=postgres",
      "Group=postgres",
      "RuntimeDirectory=pgha-pgbouncer",
      execStartPre(notesItsStart(PGBOUNCER)),
      `ExecStart=${PGBOUNCER.program} ${PGBOUNCER.config}`,
      `PIDFile=${PGBOUNCER.pidFile}`,
      `ExecReload=-+${shell(`${isReplaced} || exit 0; ${notesItsStart(PGBOUNCER)}`)}`,
      `ExecReload=${shell(REPLACE_OR_RELOAD)}`,
      // SIGINT lets running transactions end, in every version. SIGTERM cuts them, or since 1.23 waits for the last
      // client to leave: https://www.pgbouncer.org/usage.html#signals
      "KillSignal=SIGINT",
      "TimeoutStopSec=20",
      "AmbientCapabilities=CAP_NET_BIND_SERVICE",
      "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
      ...supervised(maxClientConnections),
    ],
    Install: ["WantedBy=multi-user.target"],
  });
}

const { replaced } = PGBOUNCER.former;
const isReplaced = String.raw`[ -r ${replaced} ] && read -r p <${replaced} && [ "$p" = "$MAINPID" ]`;

/**
 * A reload in which the main process is to be replaced (ADR 35) starts another beside it, and ends once that listens;
 * systemd takes that for the main one then.
 */
const REPLACE_OR_RELOAD = [
  String.raw`{ ${isReplaced}; } || { echo "$MAINPID" >${PGBOUNCER.pidFile}; kill -HUP "$MAINPID"; exit; }`,
  String.raw`unset NOTIFY_SOCKET; ${PGBOUNCER.program} ${PGBOUNCER.config} </dev/null & n=$!; i=0`,
  String.raw`until set -- ${PGBOUNCER.socketDirectory}/.s.PGSQL.*; [ -S "$1" ]`,
  String.raw`do read -r l <"/proc/$n/stat"; case $l in *") Z "*) exit 1 ;; esac`,
  String.raw`[ "$i" -lt 200 ] || { kill -s KILL "$n"; exit 1; }; i=$((i + 1)); sleep 0.05; done`,
  String.raw`echo "$n" >${PGBOUNCER.pidFile}`,
].join("; ");

/** A start never fails for it. */
function execStartPre(script: string): string {
  return `ExecStartPre=-+${shell(script)}`;
}

/** $$ is systemd's $, and %% its %. */
function shell(script: string): string {
  return `/bin/sh -c '${script.replaceAll(/[$%]/g, "$&$&")}'`;
}

/** Comes back by itself, has the descriptors it needs, and can reach nothing but its own (man systemd.exec). */
function supervised(connections: number): readonly string[] {
  return [
    "Restart=always",
    "RestartSec=1",
    // Two sockets a connection.
    `LimitNOFILE=${fileLimitOf(connections)}`,
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectControlGroups=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
  ];
}

/** Open files that a proxy or pooler is given: many more than it needs, as long as it is allowed few connections. */
export function fileLimitOf(connections: number): number {
  return Math.max(65536, filesNeededFor(connections));
}

/** Open files that so many clients may come to need: a socket each, another to the server, and what is open anyway. */
export function filesNeededFor(connections: number): number {
  return 2 * connections + FILES_BESIDE;
}

/** How many clients so many open files are good for. */
export function connectionsWithin(files: number): number {
  return Math.max(0, Math.floor((files - FILES_BESIDE) / 2));
}

/** Listeners, checks, logs, sockets of its own. */
const FILES_BESIDE = 1024;

/** Keeps Debian's postgresql package from making and starting a cluster of its own (F38). man pg_createcluster. */
export function createClusterConf(): string {
  return `${HEADER}\ncreate_main_cluster = false\n`;
}
