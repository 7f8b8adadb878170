import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { ClusterData } from "./change.ts";

/** How every file that pgha renders begins, scripts below their first line; src/render writes it, and a file without it is somebody else's. */
export const OWN_FILE = "^[#;] Written by pgha";

/** Folders that are pgha's own by their place. */
const OWN_TREES = /^\/(?:etc|opt)\/pgha\/[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Stops a unit and keeps it from coming back at the next boot. One that is not there is stopped. */
export function stopUnit(unit: string): Command {
  return script([
    sh`[ "$(systemctl show --property=LoadState --value ${unit})" != not-found ] || exit 0`,
    sh`systemctl disable --now --quiet ${unit} || { journalctl -q -n 15 --no-pager -o cat -u ${unit} >&2; exit 1; }`,
  ]);
}

/**
 * Removes files that begin as pgha's files do, and folders of pgha's own. Whatever else stands at these paths stays.
 * Throws TypeError for a folder elsewhere.
 */
export function removeOwnFiles(files: readonly string[], trees: readonly string[]): Command {
  const foreign = trees.find((tree) => !OWN_TREES.test(tree));
  if (foreign !== undefined) throw new TypeError(`${foreign} is not a folder of pgha's own`);
  return script([
    ...files.map(
      (file) =>
        sh`if [ -f ${file} ] && [ ! -h ${file} ] && sed -n '1{/^#!/n;p;q}' ${file} | grep -q ${OWN_FILE}; then rm -f ${file} ${`${file}.previous`} ${`${file}.pgha-new`}; fi`,
    ),
    ...trees.map((tree) => sh`[ -h ${tree} ] || rm -rf --one-file-system ${tree}`),
    sh`rmdir --ignore-fail-on-non-empty /etc/pgha /opt/pgha 2>/dev/null || true`,
    sh`systemctl daemon-reload`,
  ]);
}

/**
 * Deletes a member's data, the only change that does. The control file must name the cluster that is meant, nothing
 * may run on it, and neither path may be a link or a mount point, which a slip in a manifest could lead anywhere.
 */
export function removeData({ directory, raftDirectory, systemId, unit }: ClusterData): Command {
  return script([
    sh`if systemctl is-active --quiet ${unit}; then echo ${`${unit} still runs`} >&2; exit 1; fi`,
    ...[directory, raftDirectory].map(
      (path) =>
        sh`if [ -h ${path} ] || mountpoint -q ${path}; then echo ${`${path} is a link or a mount point: left alone`} >&2; exit 1; fi`,
    ),
    sh`if [ -e ${directory} ]; then
v=$(cat ${`${directory}/PG_VERSION`}) || { echo ${`${directory} holds no whole database: left alone`} >&2; exit 1; }
id=$("/usr/lib/postgresql/$v/bin/pg_controldata" -D ${directory} | sed -n 's/^Database system identifier: *//p')
if [ "$id" != ${systemId} ]; then echo ${`${directory} does not hold the data of the cluster with system identifier ${systemId}: left alone`} >&2; exit 1; fi
if [ -e ${`${directory}/postmaster.pid`} ] && pgrep -F ${`${directory}/postmaster.pid`} >/dev/null 2>&1; then echo 'a server still runs on it' >&2; exit 1; fi
rm -rf --one-file-system ${directory}
fi`,
    sh`rm -rf --one-file-system ${raftDirectory}`,
  ]);
}
