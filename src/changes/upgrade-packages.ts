import { NOTES_FOLDER, notesOf, PROGRAM } from "../desired/notes.ts";
import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { APT_INSTALL, finishInterrupted, lastOfLog, packageLog, proxiesOfSite } from "./apt.ts";
import { invocationOf, maskUntil } from "./systemd.ts";

export interface UpgradePackages {
  readonly kind: "upgrade-packages";
  readonly upgrades: readonly PackageUpgrade[];
  /** Units that their scripts would restart. */
  readonly units: readonly string[];
  /** A unit whose program is among them and cannot be told by its inode: it is noted that what runs is an older one. */
  readonly replaces?: string;
}

export interface PackageUpgrade {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Packages may come over a slow line. */
export const UPGRADE_MS = 1_200_000;

/** What runs goes on with what it was started from. Restarts are steps of their own, which come after. */
export const upgradePackages: HostChangeKind<UpgradePackages> = {
  kind: "upgrade-packages",
  describe: ({ upgrades }) => `upgrade ${upgradesInWords(upgrades)}`,
  target: ({ upgrades }) => upgrades.map(({ name }) => name).join(" "),
  action: "change",
  event: "PackagesUpgraded",
  undoneBy: "packages",
  command: upgrade,
  deadlineMs: UPGRADE_MS,
};

/** "patroni 4.0.6-1 to 4.0.7-1" */
export function upgradesInWords(upgrades: readonly PackageUpgrade[]): string {
  return upgrades.map(({ name, from, to }) => `${name} ${from} to ${to}`).join(", ");
}

/**
 * The versions that were seen and no others: where one is not to be had any more, nothing is done, and the next look
 * says what is. Masks of the time until the next boot keep scripts from restarting what runs, as ADR 6 has it; they go
 * at the end of this, at the next pass should it be killed, and with the host's power.
 */
export function upgrade({ upgrades, units, replaces }: Omit<UpgradePackages, "kind">): Command {
  const wanted = upgrades.map(({ name, to }) => `${name}=${to}`);
  return script([
    sh`export DEBIAN_FRONTEND=noninteractive HOME=/root`,
    proxiesOfSite,
    packageLog,
    ...(replaces === undefined
      ? []
      : [
          sh`i=$(${invocationOf(replaces)})
[ -z "$i" ] || ( umask 077; mkdir -p ${NOTES_FOLDER}
printf '%s from replaced %s\n' "$i" ${PROGRAM} >>${notesOf(replaces)} )`,
        ]),
    maskUntil(units),
    finishInterrupted,
    sh`${APT_INSTALL} --only-upgrade -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold ${wanted} >> "$log" 2>&1 || {
  ${lastOfLog}
}`,
  ]);
}
