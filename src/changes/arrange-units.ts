import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";

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
  command: arrange,
  quick: true,
};

/**
 * Decides which units come up with the host. Masked ones are in the way for good: stopped and disabled first, so that
 * neither a reboot nor a package upgrade brings them back (F38). Enabled ones lose the mask that kept the package's
 * installation from starting them.
 *
 * A daemon-reload takes longest of all, a quarter of a second of CPU, so there is one at the end at most: where systemd
 * shows a unit as it was before, or has not read its file since it was changed. For the same reason no links in
 * /etc/rc?.d are made for units that have an init script too: under systemd nothing looks at them, and update-rc.d
 * would reload once for each.
 */
function arrange({ mask, enable }: ArrangeUnits): Command {
  const wanted = [
    ...mask.map((unit) => ({ unit, state: "masked" })),
    ...enable.map((unit) => ({ unit, state: "enabled" })),
  ];
  return script([
    sh`export SYSTEMCTL_SKIP_SYSV=1`,
    ...mask.flatMap((unit) => [
      sh`systemctl disable --now --no-reload --quiet ${unit} 2>/dev/null || true`,
      sh`systemctl mask --no-reload --quiet ${unit}`,
    ]),
    ...(enable.length === 0
      ? []
      : [sh`systemctl unmask --no-reload --quiet ${enable}`, sh`systemctl enable --no-reload --quiet ${enable}`]),
    ...(wanted.length === 0
      ? []
      : [
          sh`seen=$(systemctl show --property=UnitFileState --value ${wanted.map(({ unit }) => unit)} | grep . || true)`,
          sh`{ [ "$seen" = ${wanted.map(({ state }) => state).join("\n")} ] && ! systemctl show --property=NeedDaemonReload --value ${wanted.map(({ unit }) => unit)} | grep -qx yes; } || systemctl daemon-reload`,
        ]),
  ]);
}
