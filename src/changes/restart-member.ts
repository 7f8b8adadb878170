import { PATRONI } from "../desired/services.ts";
import { script, sh, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { leadPast } from "./drain.ts";
import type { Readers } from "./drain.ts";
import { patroniRequest } from "./patroni-call.ts";
import { upgrade, UPGRADE_MS, upgradesInWords } from "./upgrade-packages.ts";
import type { PackageUpgrade } from "./upgrade-packages.ts";
import { orJournal, reloadUnitFiles } from "./systemd.ts";

export interface RestartMember {
  readonly kind: "restart-member";
  readonly member: string;
  /** Of the member's REST API, without a path. */
  readonly url: string;
  /** As the member's own Patroni calls it: `master` before Patroni 4. On one with another role nothing restarts. */
  readonly role: "primary" | "master" | "replica";
  /** Restart only what Patroni says waits for it. */
  readonly onlyPending: boolean;
  readonly dataDirectory: string;
  /** The process that is to go, as postmaster.pid has it: one that took its place is left alone. */
  readonly postmaster: string;
  /** Its Patroni restarts as well, by this unit: for what only a new process of it brings. */
  readonly unit?: string;
  /** How long PostgreSQL may take to start, in seconds. Of a leader that takes longer Patroni makes a replica. */
  readonly startSeconds: number;
  /** Packages that are newer before it restarts. */
  readonly upgrades?: readonly PackageUpgrade[];
  /** Of a replica whose readers leave it before. */
  readonly readers?: Readers;
}

/** A shutdown writes what is in memory first; Patroni asks for a checkpoint before it. */
export const STOP_SECONDS = 300;

/**
 * By POST /restart of the member's own Patroni
 * (https://patroni.readthedocs.io/en/latest/rest_api.html#restart-endpoint): it stays up and keeps its vote, and the
 * leader keeps its key. Its answer comes when PostgreSQL is up again. One that takes longer to start has restarted all
 * the same: looks see to the rest.
 *
 * What only a new process of Patroni brings takes a restart of its unit, which stops PostgreSQL first and, of a leader,
 * gives the lead to a replica that has all of it. What comes after is the next look's.
 */
export const restartMember: HostChangeKind<RestartMember> = {
  kind: "restart-member",
  describe: ({ role, unit, upgrades }) =>
    `${upgrades === undefined ? "" : `upgrade ${upgradesInWords(upgrades)}, `}restart ` +
    `${unit === undefined ? "" : "Patroni and "}PostgreSQL (${role === "replica" ? "replica" : "leader"})`,
  target: ({ member }) => member,
  action: "restart",
  event: "MemberRestarted",
  undoneBy: "service",
  command: (change, { credentials }) => {
    const { url, role, onlyPending, unit, startSeconds } = change;
    if (unit !== undefined)
      return script([unlessAnother(change), inRole(change), reloadUnitFiles(unit), orJournal("restart", unit)]);
    return withStdin(
      script([unlessAnother(change), ASK]),
      patroniRequest(
        {
          method: "POST",
          url: `${url}/restart`,
          body: { role, timeout: startSeconds, ...(onlyPending ? { restart_pending: true } : {}) },
          maxSeconds: STOP_SECONDS + startSeconds,
        },
        credentials.restApi,
      ),
    );
  },
  deadlineMs: deadlineMsOf,
  // Nobody notices that yet.
  before: ({ member, upgrades, unit }) =>
    upgrades === undefined
      ? []
      : [
          {
            host: member,
            command: upgrade({
              upgrades,
              units: [PATRONI.packagedUnit],
              ...(unit === undefined ? {} : { replaces: PATRONI.unit }),
            }),
          },
        ],
  meanwhile: (change) => leadPast(change, deadlineMsOf(change)),
};

function deadlineMsOf({ startSeconds, upgrades }: RestartMember): number {
  return (STOP_SECONDS + startSeconds + 30) * 1000 + (upgrades === undefined ? 0 : UPGRADE_MS);
}

const ASK = sh`said=$(curl -q --config -) && exit 0
case $said in *'still starting'*) exit 0 ;; esac
printf 'Patroni said: %s\n' "$said" >&2
exit 1`;

/** Another process by now was restarted already: it is left alone. */
export function unlessAnother({
  dataDirectory,
  postmaster,
}: Pick<RestartMember, "dataDirectory" | "postmaster">): Command {
  return sh`a= b=; { IFS= read -r a; IFS= read -r b; IFS= read -r b; } <${`${dataDirectory}/postmaster.pid`} || true
[ "$a $b" = ${postmaster} ] || exit 0`;
}

/** systemd does not ask who leads, as POST /restart does: a replica that was promoted meanwhile is left alone. */
export function inRole({ url, role }: Pick<RestartMember, "url" | "role">): Command {
  const leads = role === "replica" ? "no" : "yes";
  return sh`leads=no; [ "$(curl -q -s -m 5 -o /dev/null -w '%{http_code}' ${`${url}/primary`})" != 200 ] || leads=yes
[ "$leads" = ${leads} ] || { echo 'another member leads by now' >&2; exit 1; }`;
}
