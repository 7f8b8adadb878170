import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { refuseWhileRunning } from "./systemd.ts";

export interface RemoveData {
  readonly kind: "remove-data";
  readonly data: ClusterData;
}

/**
 * The data of one member. It is removed only while `unit` is down, and only if it is of the cluster with this
 * identifier.
 */
export interface ClusterData {
  readonly directory: string;
  /** What else goes with it: what the DCS keeps on this host. */
  readonly besides: readonly string[];
  readonly systemId: string;
  readonly unit: string;
}

export const removeData: HostChangeKind<RemoveData> = {
  kind: "remove-data",
  describe: ({ data }) => `delete the data in ${[data.directory, ...data.besides].join(" and ")}`,
  target: ({ data }) => data.directory,
  action: "remove",
  event: "DataDeleted",
  undoneBy: "nobody",
  command: ({ data }) => remove(data),
  // Some file systems take their time to free a large database.
  deadlineMs: 600_000,
};

/**
 * Deletes a member's data, the only change that does. The control file must name the cluster that is meant, nothing
 * may run on it, and neither path may be a link or a mount point, which a slip in a manifest could lead anywhere.
 */
function remove({ directory, besides, systemId, unit }: ClusterData): Command {
  const pidFile = `${directory}/postmaster.pid`;
  return script([
    refuseWhileRunning(unit),
    ...[directory, ...besides].map(
      (path) =>
        sh`if [ -h ${path} ] || mountpoint -q ${path}; then
  echo ${`${path} is a link or a mount point: left alone`} >&2
  exit 1
fi`,
    ),
    sh`if [ -e ${directory} ]; then
v=$(cat ${`${directory}/PG_VERSION`}) || { echo ${`${directory} holds no whole database: left alone`} >&2; exit 1; }
id=$("/usr/lib/postgresql/$v/bin/pg_controldata" -D ${directory} | sed -n 's/^Database system identifier: *//p')
# It ran in containers. In every version the file begins with it (src/include/catalog/pg_control.h).
[ -n "$id" ] || id=$(od -An -t u8 -N 8 ${`${directory}/global/pg_control`} | tr -d ' ')
if [ "$id" != ${systemId} ]; then
  echo ${`${directory} does not hold the data of the cluster with system identifier ${systemId}: left alone`} >&2
  exit 1
fi
if [ -e ${pidFile} ] && pgrep -F ${pidFile} >/dev/null 2>&1; then echo 'a server still runs on it' >&2; exit 1; fi
rm -rf --one-file-system ${directory}
fi`,
    ...besides.map((path) => sh`rm -rf --one-file-system ${path}`),
  ]);
}
