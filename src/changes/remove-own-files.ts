import { dirname } from "node:path/posix";
import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { OWN_FILE } from "./own-file.ts";
import { readUnitFiles } from "./systemd.ts";

export interface RemoveOwnFiles {
  readonly kind: "remove-own-files";
  readonly files: readonly string[];
  readonly trees: readonly string[];
}

export const removeOwnFiles: HostChangeKind<RemoveOwnFiles> = {
  kind: "remove-own-files",
  describe: ({ files, trees }) => `remove ${[...files, ...trees].join(", ")}`,
  target: ({ files, trees }) => [...files, ...trees].join(" "),
  action: "remove",
  event: "FilesRemoved",
  undoneBy: "nobody",
  undoneElsewhere: "Something else on that host puts them back. Find it, then run again.",
  command: removeOwn,
};

/** Folders that are pgha's own by their place. */
const OWN_TREES = /^\/(?:etc|opt)\/pgha\/[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * Removes files that begin as pgha's files do, and folders of pgha's own. Whatever else stands at these paths stays.
 * Throws TypeError for a folder elsewhere.
 */
export function removeOwn({ files, trees }: Omit<RemoveOwnFiles, "kind">): Command {
  const foreign = trees.find((tree) => !OWN_TREES.test(tree));
  if (foreign !== undefined) throw new TypeError(`${foreign} is not a folder of pgha's own`);
  return script([
    ...files.map(
      (file) =>
        sh`if [ -f ${file} ] && [ ! -h ${file} ] && sed -n '1{/^#!/n;p;q}' ${file} | grep -q ${OWN_FILE}; then
  rm -f ${file} ${`${file}.previous`} ${`${file}.pgha-new`}
fi`,
    ),
    ...trees.map((tree) => sh`[ -h ${tree} ] || rm -rf --one-file-system ${tree}`),
    ...files
      .filter((file) => file.endsWith(".service.d/pgha.conf"))
      .map((file) => sh`rmdir --ignore-fail-on-non-empty ${dirname(file)} 2>/dev/null || true`),
    sh`rmdir --ignore-fail-on-non-empty /etc/pgha /opt/pgha 2>/dev/null || true`,
    readUnitFiles,
  ]);
}
