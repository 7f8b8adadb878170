import { addressFault, countFault, networkFault, portFault } from "./faults.ts";
import { each, refuseFaults } from "./refusal.ts";

const HEADER = "# Written by pgha, which brings it back when it is changed here: change the manifest instead.";

/** For tmpfiles.d(5): what the next boot writes to a file of the kernel's. */
export function writtenAtBoot(path: string, value: "never" | "madvise"): string {
  return `${HEADER}\nw! ${path} - - - - ${value}\n`;
}

/**
 * For apt.conf(5): packages, by how their names begin, that unattended-upgrades leaves alone
 * (/usr/share/doc/unattended-upgrades/README.md).
 */
export function unattendedUpgrades(): string {
  const names = ["postgresql", "libpq", "patroni", "haproxy", "pgbouncer"];
  // apt.conf takes both # and // for comments at the start of a line.
  return lines("Unattended-Upgrade::Package-Blacklist {", ...names.map((name) => `  "^${name}";`), "};");
}

/** For chrony.conf(5), sourcedir: asked beside what the distribution asks, and believed before it. */
export function chronySources(servers: readonly string[]): string {
  refuseFaults("chrony", each("servers", servers, addressFault));
  return lines(...servers.map((server) => `server ${server} iburst prefer`));
}

/** For timesyncd.conf(5). */
export function timesyncdConf(servers: readonly string[]): string {
  refuseFaults("systemd-timesyncd", each("servers", servers, addressFault));
  return lines("[Time]", `NTP=${servers.join(" ")}`);
}

/** For journald.conf(5). */
export function journaldConf(maxUse: string): string {
  refuseFaults("journald", [["maxUse", /^[1-9][0-9]*[KMGT]$/.test(maxUse) ? undefined : "is no size"]]);
  return lines("[Journal]", `SystemMaxUse=${maxUse}`);
}

/** What fail2ban counts, and whom it never bans: addresses and networks. */
export interface Fail2ban {
  /** Of sshd. */
  readonly port: number;
  readonly maxRetry: number;
  /** As fail2ban writes them: 10m. */
  readonly findTime: string;
  readonly banTime: string;
  readonly ignore: readonly string[];
}

/**
 * For jail.conf(5). sshd writes to the journal, not to a file, on hosts without rsyslog; iptables need not be there;
 * and who has no key for a user that exists shows as a connection that was closed, which counts in this mode alone.
 */
export function fail2banJail({ port, maxRetry, findTime, banTime, ignore }: Fail2ban): string {
  refuseFaults("fail2ban", [
    ["port", portFault(port)],
    ["maxRetry", countFault(maxRetry)],
    ...each("times", [findTime, banTime], (time) => (/^[1-9][0-9]*[smhdw]$/.test(time) ? undefined : "is no time")),
    ...each("ignore", ignore, (one) => (one.includes("/") ? networkFault(one) : addressFault(one))),
  ]);
  return lines(
    "[sshd]",
    "enabled = true",
    "backend = systemd",
    "mode = aggressive",
    "banaction = nftables",
    `port = ${port}`,
    `maxretry = ${maxRetry}`,
    `findtime = ${findTime}`,
    `bantime = ${banTime}`,
    `ignoreip = ${["127.0.0.0/8", "::1", ...ignore].join(" ")}`,
  );
}

/** For logind.conf(5): shared memory of a user who logs out stays. */
export function logindConf(): string {
  return lines("[Login]", "RemoveIPC=no");
}

/** For limits.conf(5): of whoever logs in; a star is everybody but root. */
export function limitsConf(openFiles: number): string {
  refuseFaults("limits", [["openFiles", countFault(openFiles)]]);
  return lines(...["*", "root"].map((who) => `${who} - nofile ${openFiles}`));
}

function lines(...content: readonly string[]): string {
  return [HEADER, ...content, ""].join("\n");
}
