import type { HostChangeKind } from "./change-kind.ts";
import { arrange } from "./systemd.ts";

export interface ArrangeUnits {
  readonly kind: "arrange-units";
  readonly mask: readonly string[];
  readonly enable: readonly string[];
}

export const arrangeUnits: HostChangeKind<ArrangeUnits> = {
  kind: "arrange-units",
  describe: ({ mask, enable }) =>
    [
      ...(mask.length === 0 ? [] : [`stop, disable and mask ${mask.join(", ")}`]),
      ...(enable.length === 0 ? [] : [`enable ${enable.join(", ")}`]),
    ].join("; "),
  target: ({ mask, enable }) => [...mask, ...enable].join(" "),
  action: "change",
  event: "UnitsArranged",
  undoneBy: "nobody",
  command: ({ mask, enable }) => arrange(mask, enable),
  quick: true,
};
