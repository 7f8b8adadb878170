import { BlockList, isIP } from "node:net";
import { FIREWALL } from "../desired/services.ts";
import { addressFault } from "./faults.ts";
import { each, refuseFaults } from "./refusal.ts";
import type { Finding } from "./refusal.ts";

/** Ports that are open to some. */
export interface OpenPort {
  /** For people, in a comment: "PostgreSQL". */
  readonly title: string;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** Networks in CIDR notation, and literal addresses. */
  readonly from: readonly string[];
}

export interface FirewallInput {
  /** Whether what no rule allows is dropped: all of it, or what comes to one of these ports. */
  readonly drop: "services" | "everything";
  readonly open: readonly OpenPort[];
}

/**
 * The whole of pgha's own table, for nft(8): loading it puts it in the place of the one before at once, and touches no
 * other. A packet goes through every table's chain of a hook: one that others drop stays dropped.
 */
export function nftables(path: string, { drop, open }: FirewallInput): string {
  refuseFaults(path, open.flatMap(faultsOf));
  const ports = Map.groupBy(open, ({ protocol, port }) => `${protocol} dport ${port}`);
  const rules = [...ports].flatMap(([match, all]) => {
    const from = within([...new Set(all.flatMap((one) => one.from))]);
    const v4 = from.filter((network) => !network.includes(":"));
    const v6 = from.filter((network) => network.includes(":"));
    const comment = `comment "${[...new Set(all.map(({ title }) => title))].join(", ")}"`;
    return [
      ...(v4.length === 0 ? [] : [`ip saddr { ${v4.join(", ")} } ${match} accept ${comment}`]),
      ...(v6.length === 0 ? [] : [`ip6 saddr { ${v6.join(", ")} } ${match} accept ${comment}`]),
      ...(drop === "everything" ? [] : [`${match} drop ${comment}`]),
    ];
  });
  const lines = [
    `type filter hook input priority filter + 10; policy ${drop === "everything" ? "drop" : "accept"};`,
    'iif "lo" accept',
    "ct state established,related accept",
    ...(drop === "everything" ? ["meta l4proto { icmp, ipv6-icmp } accept"] : []),
    ...rules,
  ];
  return [
    "# Written by pgha, which brings it back when it is changed here: change the manifest instead.",
    "table inet pgha",
    "delete table inet pgha",
    "table inet pgha {",
    "  chain input {",
    ...lines.map((line) => `    ${line}`),
    "  }",
    "}",
    "",
  ].join("\n");
}

/**
 * The unit that loads it at boot, before any network is there; after nftables.service, which empties all tables first.
 */
export function firewallUnit(): string {
  return [
    "# Written by pgha, which brings it back when it is changed here: change the manifest instead.",
    "[Unit]",
    "Description=Firewall of pgha's own (nftables, table inet pgha)",
    `ConditionPathExists=${FIREWALL.ruleset}`,
    "DefaultDependencies=no",
    "Wants=network-pre.target",
    "Before=network-pre.target shutdown.target",
    "After=nftables.service local-fs.target",
    "Conflicts=shutdown.target",
    "",
    "[Service]",
    "Type=oneshot",
    "RemainAfterExit=yes",
    `ExecStart=/usr/sbin/nft -f ${FIREWALL.ruleset}`,
    "",
    "[Install]",
    "WantedBy=sysinit.target",
    "",
  ].join("\n");
}

function faultsOf({ title, port, from }: OpenPort): readonly Finding[] {
  return [
    ["title", /^[A-Za-z0-9 ,'.-]{1,60}$/.test(title) ? undefined : "is no plain text"],
    ["port", Number.isInteger(port) && port >= 1 && port <= 65535 ? undefined : "is no port"],
    ...each("from", from, (network) => {
      const [address = "", bits] = network.split("/");
      const most = isIP(address) === 6 ? 128 : 32;
      if (isIP(address) === 0) return addressFault(address) ?? "is a name, and a rule wants an address";
      return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most) ? undefined : "is no network";
    }),
  ];
}

/** Those that lie in none of the others: nft takes no set whose parts overlap. */
export function within(networks: readonly string[]): readonly string[] {
  const parsed = networks.map((network) => {
    const [address = "", bits] = network.split("/");
    const family = isIP(address) === 6 ? ("ipv6" as const) : ("ipv4" as const);
    return { network, address, family, bits: Number(bits ?? (family === "ipv6" ? 128 : 32)) };
  });
  return parsed
    .filter((one, index) =>
      parsed.every((other, place) => {
        if (other === one || other.family !== one.family || other.bits > one.bits) return true;
        const list = new BlockList();
        list.addSubnet(other.address, other.bits, other.family);
        // Of two that are the same, the first stays.
        return !list.check(one.address, one.family) || (other.bits === one.bits && place > index);
      }),
    )
    .map(({ network }) => network);
}
