import { FIREWALL } from "../desired/services.ts";
import { script, sh } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { disableForBoot, readUnitFiles } from "./systemd.ts";

export interface RemoveFirewall {
  readonly kind: "remove-firewall";
}

/** Takes pgha's own table away, and with it all that keeps it: whatever others have stays. */
export const removeFirewall: HostChangeKind<RemoveFirewall> = {
  kind: "remove-firewall",
  describe: () => "remove pgha's table of nftables",
  target: () => FIREWALL.ruleset,
  action: "remove",
  event: "FirewallRemoved",
  undoneBy: "nobody",
  command: () =>
    script([
      disableForBoot(FIREWALL.unit),
      sh`if nft list table inet pgha >/dev/null 2>&1; then nft delete table inet pgha; fi`,
      sh`rm -rf ${FIREWALL.unitFile} ${FIREWALL.folder}`,
      sh`rmdir --ignore-fail-on-non-empty /etc/pgha 2>/dev/null || true`,
      readUnitFiles,
    ]),
};
