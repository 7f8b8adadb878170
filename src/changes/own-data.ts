import { insideOf } from "../desired/container.ts";
import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { refuseWhileRunning, stopOrTell } from "./systemd.ts";

/** A cluster's data on a host, and whose they are to be. */
export interface OwnedData {
  /** PGDATA. */
  readonly directory: string;
  /** Folders beside it that belong to the same user. */
  readonly besides: readonly string[];
  /** What PostgreSQL is given in a container: a link of PGDATA's that leads elsewhere is a dead one in there. */
  readonly within?: string;
  readonly owner: string;
  readonly group: string;
}

/** Gives data that nobody works on to the user that PostgreSQL runs as. */
export interface OwnData {
  readonly kind: "own-data";
  readonly unit: string;
  readonly data: OwnedData;
}

/** A data directory of millions of files, on a slow disk. */
export const GIVE_MS = 900_000;

export const ownData: HostChangeKind<OwnData> = {
  kind: "own-data",
  describe: ({ data: { directory, owner, group } }) => `give all in ${directory} to ${owner}:${group}`,
  target: ({ data }) => data.directory,
  action: "change",
  event: "DataGiven",
  undoneBy: "service",
  command: ({ unit, data }) =>
    script([
      // Whoever was killed in a move left a host that brings it to its end: that serves again by now.
      unlessGiven(data),
      refuseWhileRunning(unit),
      // One that does not come up is started by systemd again and again.
      stopOrTell(unit),
      refuseWhileServed(unit, data.directory),
      give(data),
    ]),
  deadlineMs: GIVE_MS,
};

function unlessGiven({ directory, besides, owner, group }: OwnedData): Command {
  const folders = [directory, ...besides];
  return sh`o=$(find ${folders} -maxdepth 0 '(' ! -user ${owner} -o ! -group ${group} ')' 2>/dev/null) || true
[ -n "$o" ] || exit 0`;
}

/**
 * Ends the script while a PostgreSQL runs on that data, or a container of that unit's is still there, which may start
 * one. postmaster.pid of one that crashed names no process, or one that works elsewhere.
 */
export function refuseWhileServed(unit: string, directory: string): Command {
  return sh`if [ -r ${insideOf(unit)} ] && read -r p _ <${insideOf(unit)} && [ -d "/proc/$p" ]; then
  echo ${`the container of ${unit} did not end`} >&2; exit 1
fi
if [ -s ${`${directory}/postmaster.pid`} ] && read -r p <${`${directory}/postmaster.pid`} &&
  [ "/proc/$p/cwd" -ef ${directory} ]; then
  echo "PostgreSQL still runs on "${directory}", process $p" >&2; exit 1
fi`;
}

/**
 * What is in a folder first, the folder itself last: whoever is killed in the middle leaves one that belongs to the
 * other user still, which is how a look tells, and on which no server starts. Only what is not right yet is touched.
 */
export function give({ directory, besides, within, owner, group }: OwnedData): Command {
  const whose = `${owner}:${group}`;
  return script([
    sh`give() {
  [ -d "$1" ] || return 0
  find "$1" -mindepth 1 '(' ! -user ${owner} -o ! -group ${group} ')' -exec chown -h ${whose} -- {} +
  chown ${whose} -- "$1"
}`,
    sh`for l in ${directory}/pg_wal ${directory}/pg_tblspc/*; do
  [ -h "$l" ] || continue
  t=$(readlink -f -- "$l")
  ${
    within === undefined
      ? sh`give "$t"`
      : sh`case $t in
  ${within}/*) give "$t" ;;
  *) echo "$l leads to $t, which no container is given" >&2; exit 1 ;;
  esac`
  }
done`,
    ...besides.map((folder) => sh`give ${folder}`),
    sh`give ${directory}`,
  ]);
}
