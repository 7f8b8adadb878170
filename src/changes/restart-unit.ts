import { duration } from "../text/duration.ts";
import { script } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { replacePooler } from "./keep-former.ts";
import type { FormerPooler } from "./keep-former.ts";
import { orJournal, reloadUnitFiles } from "./systemd.ts";

export interface RestartUnit {
  readonly kind: "restart-unit";
  readonly unit: string;
  /** Of PgBouncer: its process serves on beside the new one, and for how long. */
  readonly former?: FormerPooler;
}

export const restartUnit: HostChangeKind<RestartUnit> = {
  kind: "restart-unit",
  describe: ({ unit, former }) =>
    former === undefined
      ? `restart ${unit}`
      : `restart ${unit} by a process beside it, which serves on for ${duration(former.seconds * 1000)}`,
  target: ({ unit }) => unit,
  action: "restart",
  event: "UnitRestarted",
  undoneBy: "service",
  command: ({ unit, former }) =>
    former === undefined ? script([reloadUnitFiles(unit), orJournal("restart", unit)]) : replacePooler(former),
  deadlineMs: 120_000,
};
