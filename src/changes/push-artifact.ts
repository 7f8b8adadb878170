import type { DesiredArtifact } from "../desired/host.ts";
import { stampOf } from "../desired/notes.ts";
import { script, sh, withInput } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { directoryOf } from "./directory-of.ts";

export interface PushArtifact {
  readonly kind: "push-artifact";
  readonly artifact: DesiredArtifact;
}

export const pushArtifact: HostChangeKind<PushArtifact> = {
  kind: "push-artifact",
  describe: ({ artifact }) => `push ${artifact.name} to ${artifact.path}`,
  target: ({ artifact }) => artifact.path,
  action: "create",
  event: "ArtifactPushed",
  undoneBy: "nobody",
  command: ({ artifact }) => push(artifact),
};

/** Unpacks an artifact beside its place, checks the archive's digest, then renames it into place with its stamp. */
function push(artifact: DesiredArtifact): Command {
  const temporary = `${artifact.path}.pgha-new`;
  return withInput(
    script([
      sh`rm -rf ${temporary}`,
      sh`mkdir -p ${directoryOf(artifact.path)} ${temporary}`,
      sh`cat > ${`${temporary}/.archive`}`,
      sh`printf '%s  %s\n' ${artifact.sha256} ${`${temporary}/.archive`} | sha256sum -c --quiet`,
      sh`tar -xzf ${`${temporary}/.archive`} -C ${temporary} --no-same-owner`,
      sh`rm ${`${temporary}/.archive`}`,
      sh`printf '%s\n' ${artifact.sha256} > ${stampOf(temporary)}`,
      sh`chmod -R u=rwX,go=rX ${temporary}`,
      // A power cut soon after would leave the names with nothing in them, and a Patroni that finds no DCS.
      sh`sync --file-system ${temporary}`,
      sh`if [ -e ${artifact.path} ]; then mv -T ${artifact.path} ${`${artifact.path}.pgha-old`}; fi`,
      sh`mv -T ${temporary} ${artifact.path}`,
      sh`sync ${directoryOf(artifact.path)}`,
      sh`rm -rf ${`${artifact.path}.pgha-old`}`,
    ]),
    Buffer.from(artifact.tarGz),
  );
}
