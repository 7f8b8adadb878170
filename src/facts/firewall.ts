import { FIREWALL } from "../desired/services.ts";
import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";

/** What guards a host, as far as pgha has to know it. */
export interface FirewallFact {
  /** Somebody else's firewall that is switched on: its rules would be made and remade by its own tool. */
  readonly other: "ufw" | "firewalld" | undefined;
  /** Digest of the file that pgha's table was loaded from, while the kernel still has that table as it was loaded. */
  readonly inForce: string | undefined;
  /** Whether there is a table of pgha's at all, as loaded or not. */
  readonly hasTable: boolean;
  /** Digest of a ruleset that cut pgha off, and was taken back. */
  readonly refused: string | undefined;
  readonly isEnabled: boolean;
}

/** Where none is `wanted`, only whether one of pgha's was left. */
export function firewallFact(wanted: boolean): Fact<FirewallFact> {
  const isEnabled = sh`if [ -L ${FIREWALL.enabledLink} ]; then echo enabled; fi`;
  if (!wanted) return { command: sh`${isEnabled}; echo over`, parse };
  return {
    command: sh`
for d in /sys/fs/cgroup/system.slice /sys/fs/cgroup/systemd/system.slice; do
  if [ -e "$d/firewalld.service" ]; then echo 'other firewalld'; fi
done
if [ -r /etc/ufw/ufw.conf ]; then
  while read -r l; do case $l in ENABLED=yes*) echo 'other ufw' ;; esac; done </etc/ufw/ufw.conf
fi
if [ -r ${FIREWALL.refused} ]; then read -r l <${FIREWALL.refused} && echo "refused $l"; fi
${isEnabled}
if t=$(nft -s list table inet pgha 2>/dev/null); then
  echo table
  n=$(printf '%s\n' "$t" | sha256sum)
  if [ -r ${FIREWALL.loaded} ]; then read -r f k _ <${FIREWALL.loaded} && [ "$k" = "\${n%% *}" ] && echo "loaded $f"; fi
fi
echo over`,
    parse,
  };
}

function parse({ exitCode, stdout }: FactOutput): FirewallFact {
  if (exitCode === 124 || !/^over$/m.test(stdout)) throw new Error("the host did not say what its firewall is");
  const word = (pattern: RegExp): string | undefined => pattern.exec(stdout)?.[1];
  return {
    other: word(/^other (ufw|firewalld)$/m) as FirewallFact["other"],
    inForce: word(/^loaded ([0-9a-f]{64})$/m),
    hasTable: /^table$/m.test(stdout),
    refused: word(/^refused ([0-9a-f]{64})$/m),
    isEnabled: /^enabled$/m.test(stdout),
  };
}
