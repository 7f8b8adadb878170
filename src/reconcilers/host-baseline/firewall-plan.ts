import { FIREWALL } from "../../desired/services.ts";
import type { HostFindings } from "../../plan/findings.ts";
import { NOTICES, noticing } from "../../plan/notices.ts";
import type { Step } from "../../plan/plan.ts";
import { within } from "../../render/nftables.ts";
import type { DesiredBase } from "./desire.ts";
import type { BaseFacts } from "./observe.ts";

/** Loads the table where it is not in force as it should be; takes it away where none is wanted. */
export function firewallSteps(resource: string, host: DesiredBase, { firewall, paths }: BaseFacts): readonly Step[] {
  const step = (change: Step["change"], because: string): Step => ({
    id: `${host.name}/${resource}/firewall`,
    resource,
    host: host.name,
    stage: "services",
    impact: "none",
    change,
    because,
    // One host first: what keeps pgha out of that one, the others need not try.
    budget: { group: resource, atMost: 1, away: [] },
  });
  if (host.firewall === undefined)
    return firewall.hasTable || firewall.isEnabled
      ? [step({ kind: "remove-firewall" }, "the spec has no firewall any more")]
      : [];
  if (firewall.other !== undefined || firewall.refused === host.firewall.digest) return [];
  const file = paths[FIREWALL.ruleset];
  const isRight =
    firewall.inForce === host.firewall.digest &&
    firewall.isEnabled &&
    file?.kind === "file" &&
    file.sha256 === host.firewall.digest;
  if (isRight) return [];
  return [
    {
      ...step(
        { kind: "load-firewall", ...host.firewall, isFirst: !firewall.hasTable },
        firewall.hasTable ? "what is loaded is not what the spec asks for" : "it is not loaded",
      ),
      ...noticing("none", [NOTICES.othersKeptOut()]),
    },
  ];
}

/** Why it is not in force though the spec asks for it. */
export function tellFirewall(host: DesiredBase, { firewall }: BaseFacts, found: HostFindings): void {
  if (host.firewall === undefined) return;
  if (firewall.other !== undefined)
    found.block(
      "FirewallOfOthers",
      `${firewall.other} is switched on there, and pgha adds no firewall of its own beside it`,
      [`Let it in by ${firewall.other}, or switch that off:`, ...inTheirWords(firewall.other, host.open)].join("\n"),
    );
  else if (firewall.refused === host.firewall.digest)
    found.block(
      "FirewallTakenBack",
      "these rules were tried, pgha could not come in by a new SSH connection, and the host took them back",
      "Correct spec.firewall: adminNetworks must hold the address that pgha comes from. To have the very same tried " +
        `once more, delete the file ${FIREWALL.refused} there.`,
    );
}

/** The same rules as their tool takes them, in force at once and after a reboot. */
function inTheirWords(tool: "ufw" | "firewalld", open: DesiredBase["open"]): readonly string[] {
  const allowed = open.flatMap(({ title, protocol, port, from }) =>
    within([...new Set(from)]).map((network) =>
      tool === "ufw"
        ? `ufw allow proto ${protocol} from ${network} to any port ${port} comment '${title.replaceAll("'", "")}'`
        : `firewall-cmd --permanent --add-rich-rule='rule family="${network.includes(":") ? "ipv6" : "ipv4"}" ` +
          `source address="${network}" port port="${port}" protocol="${protocol}" accept'`,
    ),
  );
  // What is permanent alone is in force from the next load on; a reload leaves open connections be.
  return tool === "ufw" ? allowed : [...allowed, "firewall-cmd --reload"];
}
