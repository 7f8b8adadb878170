import { UNIT_FOLDER } from "../desired/services.ts";
import type { DesiredDirectory, DesiredFile } from "../desired/host.ts";
import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { leadPast } from "./drain.ts";
import { inTurn } from "./in-turn.ts";
import { makeOf } from "./make-directory.ts";
import { GIVE_MS, give, refuseWhileServed } from "./own-data.ts";
import type { OwnedData } from "./own-data.ts";
import { OWN_FILE } from "./own-file.ts";
import { removeOwn } from "./remove-own-files.ts";
import { inRole, STOP_SECONDS, unlessAnother } from "./restart-member.ts";
import type { RestartMember } from "./restart-member.ts";
import { arrange, forgetFailures, orJournal, reloadUnitFiles, stopAndDisable } from "./systemd.ts";
import { write } from "./write-file.ts";

/** Has Patroni and PostgreSQL run elsewhere on the same host: in a container, or on the host itself. */
export interface MoveMember extends Pick<
  RestartMember,
  "member" | "url" | "role" | "dataDirectory" | "postmaster" | "readers" | "startSeconds"
> {
  readonly kind: "move-member";
  /** "the host itself", "a container of the image 0123456789ab" */
  readonly from: string;
  readonly to: string;
  readonly unit: string;
  /** What made the unit what it was: files of pgha's own. */
  readonly former: readonly string[];
  readonly data: OwnedData;
  /** As they are to be there; what is in them stays. */
  readonly directories: readonly DesiredDirectory[];
  readonly files: readonly DesiredFile[];
}

/**
 * One restart, with all that is another way in between. Whoever is killed in the middle leaves what a look can tell:
 * the unit as it was, and stopped, which is started again and moved in its turn; or none, and then what is lacking of
 * the new one is put right as ever, the owner of the data among it, and it is started.
 */
export const moveMember: HostChangeKind<MoveMember> = {
  kind: "move-member",
  describe: ({ role, from, to, data }) =>
    `move Patroni and PostgreSQL (${role === "replica" ? "replica" : "leader"}) from ${from} to ${to}: stop them, ` +
    `give all in ${data.directory} to ${data.owner}:${data.group}, start them there; the data stays in its place`,
  target: ({ member }) => member,
  action: "restart",
  event: "MemberMoved",
  undoneBy: "service",
  command: (change) => {
    const { unit, former, data, directories, files } = change;
    const own = files.map(({ path }) => path).find((path) => path === `${UNIT_FOLDER}/${unit}`);
    return inTurn(
      script([unlessAnother(change), inRole(change), own === undefined ? refuseWithout(unit) : refuseForeign(own)]),
      [
        script([stopAndDisable(unit), refuseWhileServed(unit, data.directory)]),
        removeOwn({ files: former, trees: [] }),
        give(data),
        ...directories.map(makeOf),
        ...files.map(write),
        script([
          reloadUnitFiles(unit),
          arrange([], [unit]),
          reloadUnitFiles(unit),
          forgetFailures(unit),
          orJournal("start", unit),
        ]),
      ],
    );
  },
  deadlineMs: deadlineMsOf,
  meanwhile: (change) => leadPast(change, deadlineMsOf(change)),
};

function deadlineMsOf({ startSeconds }: MoveMember): number {
  return (STOP_SECONDS + startSeconds + 30) * 1000 + GIVE_MS;
}

/** Nothing is stopped for what is not there. */
function refuseWithout(unit: string): Command {
  return sh`if [ ! -e ${`/usr/lib/systemd/system/${unit}`} ] && [ ! -e ${`/lib/systemd/system/${unit}`} ]; then
  echo ${`there is no ${unit} of a package`} >&2; exit 1
fi`;
}

/** A unit of somebody's own in the place of pgha's. */
function refuseForeign(unitFile: string): Command {
  return sh`if [ -e ${unitFile} ] && ! grep -q ${OWN_FILE} ${unitFile}; then
  echo ${`${unitFile} is not pgha's: move it away, then run again`} >&2; exit 1
fi`;
}
