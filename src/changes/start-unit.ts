import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { forgetFailures, orJournal, reloadUnitFiles } from "./systemd.ts";

export interface StartUnit {
  readonly kind: "start-unit";
  readonly unit: string;
  readonly after?: DialTarget;
}

/** Wait, bounded, until this port answers before starting: it saves a refused first dial and its long retry. */
export interface DialTarget {
  readonly address: string;
  readonly port: number;
}

export const startUnit: HostChangeKind<StartUnit> = {
  kind: "start-unit",
  describe: ({ unit }) => `start ${unit}`,
  target: ({ unit }) => unit,
  action: "create",
  event: "UnitStarted",
  undoneBy: "service",
  command: start,
  deadlineMs: 120_000,
};

/**
 * Starts a unit. With `after`, waits up to ten seconds for that port to answer first: a node whose first dial
 * is refused tries again only five seconds later. Starting goes on when the time is over: it was only a head start.
 */
function start({ unit, after }: StartUnit): Command {
  return script([
    reloadUnitFiles(unit),
    ...(after === undefined
      ? []
      : [sh`timeout 10 bash -c ${DIAL_UNTIL_OPEN} - ${after.address} ${after.port} || true`]),
    forgetFailures(unit),
    orJournal("start", unit),
  ]);
}

const DIAL_UNTIL_OPEN = 'until (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; do sleep 0.05; done';
