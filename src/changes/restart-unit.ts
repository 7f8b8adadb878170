import { script } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { orJournal, reloadUnitFiles } from "./systemd.ts";

export interface RestartUnit {
  readonly kind: "restart-unit";
  readonly unit: string;
}

export const restartUnit: HostChangeKind<RestartUnit> = {
  kind: "restart-unit",
  describe: ({ unit }) => `restart ${unit}`,
  target: ({ unit }) => unit,
  action: "restart",
  event: "UnitRestarted",
  undoneBy: "service",
  command: ({ unit }) => script([reloadUnitFiles(unit), orJournal("restart", unit)]),
  deadlineMs: 120_000,
};
