import type { DesiredArtifact, DesiredDirectory, DesiredFile } from "../desired/host.ts";
import { sh, script, withInput, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { octal } from "./describe.ts";
import { tryPgBouncer } from "./pgbouncer.ts";

/**
 * Writes a file so that readers see the old one or the new one, never a half: temporary file beside it with the
 * right owner and mode, the program's own checker where it has one, then rename (F35). A directory in the place of
 * the file is refused by `mv -T`. A file with a checker keeps its predecessor as `.previous`, for the reload to go
 * back to.
 */
export function writeFile(file: DesiredFile): Command {
  const temporary = `${file.path}.pgha-new`;
  const lines = [
    // What is refused, or interrupted, leaves nothing behind.
    sh`new=${temporary}; trap 'rm -f "$new"' EXIT`,
    sh`install -o ${file.owner} -g ${file.group} -m ${octal(file.mode)} /dev/null ${temporary}`,
    sh`cat > ${temporary}`,
    ...(file.validate === undefined
      ? []
      : [
          file.validate === "haproxy" ? sh`haproxy -c -q -f ${temporary}` : tryPgBouncer(temporary),
          sh`test ! -f ${file.path} || cp -p ${file.path} ${`${file.path}.previous`}`,
        ]),
    sh`sync ${temporary}`,
    sh`mv -T -f ${temporary} ${file.path}`,
    sh`sync ${directoryOf(file.path)}`,
  ];
  const command = script([sh`mkdir -p ${directoryOf(file.path)}`, ...lines]);
  return file.secret ? withStdin(command, file.content) : withInput(command, file.content);
}

/** Makes a directory or mends its owner and mode; never removes, never recurses. */
export function makeDirectory(directory: DesiredDirectory): Command {
  return sh`install -d -o ${directory.owner} -g ${directory.group} -m ${octal(directory.mode)} ${directory.path}`;
}

/** Unpacks an artifact beside its place, checks the archive's digest, then renames it into place with its stamp. */
export function pushArtifact(artifact: DesiredArtifact): Command {
  const temporary = `${artifact.path}.pgha-new`;
  return withInput(
    script([
      sh`rm -rf ${temporary}`,
      sh`mkdir -p ${directoryOf(artifact.path)} ${temporary}`,
      sh`cat > ${`${temporary}/.archive`}`,
      sh`printf '%s  %s\n' ${artifact.sha256} ${`${temporary}/.archive`} | sha256sum -c --quiet`,
      sh`tar -xzf ${`${temporary}/.archive`} -C ${temporary} --no-same-owner`,
      sh`rm ${`${temporary}/.archive`}`,
      sh`printf '%s\n' ${artifact.sha256} > ${`${temporary}/.sha256`}`,
      sh`chmod -R u=rwX,go=rX ${temporary}`,
      // A power cut soon after would leave the names with nothing in them, and a Patroni that finds no RAFT.
      sh`sync --file-system ${temporary}`,
      sh`if [ -e ${artifact.path} ]; then mv -T ${artifact.path} ${`${artifact.path}.pgha-old`}; fi`,
      sh`mv -T ${temporary} ${artifact.path}`,
      sh`sync ${directoryOf(artifact.path)}`,
      sh`rm -rf ${`${artifact.path}.pgha-old`}`,
    ]),
    Buffer.from(artifact.tarGz),
  );
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}
