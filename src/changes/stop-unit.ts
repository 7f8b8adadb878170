import type { HostChangeKind } from "./change-kind.ts";
import { PGBOUNCER } from "../desired/services.ts";
import { script } from "../shell/command.ts";
import { stopForGood, stopIfThere } from "./systemd.ts";

/** Stops a unit and keeps it from coming back at the next boot. One that is not there is stopped. */
export interface StopUnit {
  readonly kind: "stop-unit";
  readonly unit: string;
}

export const stopUnit: HostChangeKind<StopUnit> = {
  kind: "stop-unit",
  describe: ({ unit }) => `stop and disable ${unit}`,
  target: ({ unit }) => unit,
  action: "remove",
  event: "UnitStopped",
  // Not by itself: it is disabled, and was told to end.
  undoneBy: "nobody",
  undoneElsewhere: "Something else on that host starts it again. Find it, then run again.",
  // What it was before goes with it.
  command: ({ unit }) =>
    unit === PGBOUNCER.unit ? script([stopIfThere(PGBOUNCER.former.unit), stopForGood(unit)]) : stopForGood(unit),
  deadlineMs: 120_000,
};
