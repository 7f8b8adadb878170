import { dirname } from "node:path/posix";
import { insideOf } from "../desired/container.ts";
import type { DesiredContainer } from "../desired/container.ts";
import { HAPROXY, PATRONI_INSIDE, PGBOUNCER } from "../desired/services.ts";
import { containerScript } from "./container-script.ts";
import type { ContainerRun } from "./container-script.ts";
import { countFault, pathFault } from "./faults.ts";
import { refuseFaults } from "./refusal.ts";
import type { Fault } from "./refusal.ts";
import { markedUnit, ONLINE } from "./unit-file.ts";
import type { UnitFile } from "./unit-file.ts";
import {
  fileLimitOf,
  inWords,
  PATRONI_START_VARIABLE,
  patroniOutOfMemory,
  pythonPathOf,
  SAVE_SERVER_STATE,
} from "./units.ts";

/** pgha's own HAProxy in a container. */
export function haproxyContainerUnit(container: DesiredContainer, maxConnections: number): UnitFile {
  refuseFaults(HAPROXY.unit, [...faults(container), ["maxConnections", countFault(maxConnections)]]);
  const program = `${HAPROXY.container.program} -W -db -f ${HAPROXY.config}`;
  return containerUnit(
    ["Description=HAProxy for PostgreSQL in a container, kept by pgha", ...ONLINE],
    {
      service: HAPROXY,
      container,
      // Not -Ws: builds without systemd's library, such as Alpine's, do not know it.
      arguments: ["-W", "-db", "-f", HAPROXY.config],
      reads: [HAPROXY.folder],
      runtimeDirectory: HAPROXY.runtimeDirectory,
      isReady: `[ -S ${HAPROXY.socket} ]`,
      stop: { signal: "TERM", seconds: 10 },
    },
    maxConnections,
    [
      // Checked first, then told who is up, then replaced: a bad file leaves the old process as it is (F48).
      `ExecReload=${shell(`${findInside(HAPROXY.unit)} exec nsenter -t "$p" -m -S "$u" -G "$g" -- ${program} -c -q`)}`,
      `ExecReload=-/usr/bin/perl -MIO::Socket::UNIX -e '${SAVE_SERVER_STATE}'`,
      `ExecReload=${shell(`${findInside(HAPROXY.unit)} kill -s USR2 "$p"`)}`,
    ],
  );
}

/** pgha's own PgBouncer in a container. */
export function pgbouncerContainerUnit(container: DesiredContainer, maxClientConnections: number): UnitFile {
  refuseFaults(PGBOUNCER.unit, [...faults(container), ["maxClientConnections", countFault(maxClientConnections)]]);
  return containerUnit(
    ["Description=PgBouncer in a container, kept by pgha", ...ONLINE, `After=${HAPROXY.unit}`],
    {
      service: PGBOUNCER,
      container,
      arguments: [PGBOUNCER.config],
      reads: [PGBOUNCER.folder],
      runtimeDirectory: PGBOUNCER.socketDirectory,
      isReady: `{ set -- ${PGBOUNCER.socketDirectory}/.s.PGSQL.*; [ -S "$1" ]; }`,
      // Lets running transactions end, in every version: https://www.pgbouncer.org/usage.html#signals
      stop: { signal: "INT", seconds: 15 },
    },
    maxClientConnections,
    [`ExecReload=${shell(`${findInside(PGBOUNCER.unit)} kill -s HUP "$p"`)}`],
  );
}

/**
 * Patroni and its PostgreSQL in a container.
 *
 * With the host's process numbers and shared memory: what lies on the volume tells then, as it would on the host,
 * whether a server runs on it, in this container, another one, or none (postmaster.pid, and the segment that goes with
 * it). Nothing is killed because it takes long to end: what is to be written at the end may be much.
 */
export function patroniContainerUnit(
  container: DesiredContainer,
  { mountPath, pythonPath }: { readonly mountPath: string; readonly pythonPath?: string },
): UnitFile {
  refuseFaults(PATRONI_INSIDE.unit, [
    ...faults(container),
    ["mountPath", pathFault(mountPath)],
    ["pythonPath", pythonPath === undefined ? undefined : pathFault(pythonPath)],
  ]);
  const run: ContainerRun = {
    service: PATRONI_INSIDE,
    container,
    arguments: [PATRONI_INSIDE.config],
    reads: [dirname(PATRONI_INSIDE.config), ...(pythonPath === undefined ? [] : [dirname(pythonPath)])],
    writes: [mountPath],
    runtimeDirectory: PATRONI_INSIDE.runtimeDirectory,
    runtimeInside: PATRONI_INSIDE.socketDirectory,
    environment: [
      PATRONI_START_VARIABLE,
      ...Object.keys(patroniOutOfMemory),
      ...(pythonPath === undefined ? [] : ["PYTHONPATH"]),
    ],
    options: ["--pid host --ipc host --pids-limit -1"],
    outOfMemory: -900,
    pipe: ".log",
    ...(pythonPath === undefined ? {} : { tree: pythonPath }),
    isReady: "true",
    stop: { signal: "TERM", seconds: 285, neverKills: true },
  };
  return containerUnit(
    [
      "Description=Patroni and PostgreSQL in a container, kept by pgha",
      `RequiresMountsFor=${mountPath}`,
      // An empty directory would look like a new member (F16).
      `AssertPathIsMountPoint=${mountPath}`,
      ...ONLINE,
    ],
    run,
    0,
    [`ExecReload=${shell(`${findInside(PATRONI_INSIDE.unit)} kill -s HUP "$p"`)}`],
    [
      ...(pythonPath === undefined ? [] : [`Environment=${pythonPathOf(pythonPath)}`]),
      `EnvironmentFile=-${PATRONI_INSIDE.startFile}`,
      `Environment=${inWords(patroniOutOfMemory)}`,
      // One of another image is told to end first.
      `TimeoutStartSec=${run.stop.seconds + 45}`,
    ],
  );
}

/** No process of a container is where it may be told from the unit's control group, so its number is read. */
function findInside(unit: string): string {
  return `read -r p u g i <${insideOf(unit)} || exit 1;`;
}

function containerUnit(
  unit: readonly string[],
  run: ContainerRun,
  connections: number,
  reload: readonly string[],
  more: readonly string[] = [],
): UnitFile {
  return markedUnit({
    // Neither stopped nor started anew with Docker: what is in the container may well outlive it.
    Unit: [...unit, "Wants=docker.service", "After=docker.service"],
    Service: [
      "Type=notify",
      "NotifyAccess=all",
      ...more,
      `ExecStart=${shell(containerScript(run))}`,
      ...reload,
      "KillMode=mixed",
      // Of a process from before that ran on the host itself.
      `KillSignal=SIG${run.stop.signal}`,
      `TimeoutStopSec=${run.stop.seconds + 15}`,
      "Restart=always",
      "RestartSec=1",
      // Of this script, and by it of the container.
      `LimitNOFILE=${fileLimitOf(connections)}`,
    ],
    Install: ["WantedBy=multi-user.target"],
  });
}

/** A script as a word of a unit's: systemd.service(5), "Command lines". */
function shell(script: string): string {
  if (script.includes("'")) throw new TypeError("a script in a unit holds no single quote");
  const words = script
    .replaceAll("\\", String.raw`\\`)
    .replaceAll(/[$%]/g, "$&$&")
    .replaceAll("\n", String.raw`\n`);
  return `/bin/sh -c '${words}'`;
}

function* faults({ image, inside }: DesiredContainer): Iterable<readonly [string, Fault]> {
  const isDigest = /^(?:[a-z0-9][a-zA-Z0-9._/:-]*@)?sha256:[0-9a-f]{64}$/.test(image);
  yield ["container.image", isDigest ? undefined : "is neither an image id nor a name with a digest"];
  yield ["uid", countFault(inside.uid)];
  yield ["gid", countFault(inside.gid)];
}
