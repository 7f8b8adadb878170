import type { DesiredFile } from "../desired/host.ts";
import { HAPROXY } from "../desired/services.ts";
import type { PathFact } from "../facts/types.ts";
import { script, sh, withInput, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { octal } from "../text/octal.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { directoryOf } from "./directory-of.ts";
import { aside } from "./in-container.ts";
import { keepNote } from "./notes.ts";
import { tryPgBouncer } from "./try-pgbouncer.ts";

export interface WriteFile {
  readonly kind: "write-file";
  readonly file: DesiredFile;
  readonly before: PathFact;
}

export const writeFile: HostChangeKind<WriteFile> = {
  kind: "write-file",
  describe: ({ file, before }) => `${before.kind === "absent" ? "write" : "rewrite"} ${file.path}`,
  target: ({ file }) => file.path,
  action: ({ before }) => (before.kind === "absent" ? "create" : "change"),
  event: "FileWritten",
  undoneBy: "nobody",
  command: ({ file }) => write(file),
  quick: true,
};

/**
 * Writes a file so that readers see the old one or the new one, never a half: temporary file beside it with the
 * right owner and mode, the program's own checker where it has one, then rename (F35). A directory in the place of
 * the file is refused by `mv -T`. A file with a checker keeps its predecessor as `.previous`, for the reload to go
 * back to.
 */
export function write(file: DesiredFile): Command {
  const temporary = `${file.path}.pgha-new`;
  const note = file.readOnce === undefined ? undefined : keepNote(file.path, temporary, file.readOnce);
  const lines = [
    // What is refused, or interrupted, leaves nothing behind.
    sh`new=${temporary}; trap 'rm -f "$new"' EXIT`,
    sh`install -o ${file.owner} -g ${file.group} -m ${octal(file.mode)} /dev/null ${temporary}`,
    sh`cat > ${temporary}`,
    ...(file.validate === undefined
      ? []
      : [
          file.validate === "haproxy"
            ? sh`${aside(HAPROXY.container.program, file.container, OWN_FOLDER)} -c -f ${temporary} >/dev/null`
            : tryPgBouncer(temporary, file.container),
          sh`test ! -f ${file.path} || cp -p ${file.path} ${`${file.path}.previous`}`,
        ]),
    ...(note === undefined ? [] : [note.before]),
    sh`sync ${temporary}`,
    sh`mv -T -f ${temporary} ${file.path}`,
    ...(note === undefined ? [] : [note.after]),
    sh`sync ${directoryOf(file.path)}`,
  ];
  const command = script([sh`mkdir -p ${directoryOf(file.path)}`, ...lines]);
  return file.secret ? withStdin(command, file.content) : withInput(command, file.content);
}

const OWN_FOLDER = sh`${`--mount=type=bind,source=${HAPROXY.folder},target=${HAPROXY.folder},readonly`}`;
