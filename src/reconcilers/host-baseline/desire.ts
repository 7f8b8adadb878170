import { sshOf } from "../../api/index.ts";
import { AUDIT } from "../../desired/audit.ts";
import { AUDITD, CHRONY, FAIL2BAN, JOURNALD, LOGIND, TIMESYNCD } from "../../desired/base-services.ts";
import { BASE_FILES } from "../../desired/base-system.ts";
import type { DesiredSysctl } from "../../desired/base-system.ts";
import { FIREWALL, SSHD } from "../../desired/services.ts";
import { sharedBuffersMiB } from "../../plan/memory.ts";
import { sha256 } from "../../render/digest.ts";
import type { Fail2ban } from "../../render/base-files.ts";
import { nftables } from "../../render/nftables.ts";
import type { OpenPort } from "../../render/nftables.ts";
import { desiredAudit } from "./audit.ts";
import type { DesiredAuditRule } from "./audit.ts";
import type { CoveredHost, ResolvedBaseline } from "./resolve.ts";
import { openPortsOn, trustedBy } from "./firewall.ts";
import { desiredHugePages, desiredSysctl } from "./sysctl.ts";

export interface DesiredBase {
  readonly name: string;
  readonly covered: CoveredHost;
  readonly sysctl: readonly DesiredSysctl[];
  readonly timezone: string | undefined;
  readonly packages: readonly string[];
  /** pgha's own table of nftables; undefined for none. */
  readonly firewall: { readonly content: string; readonly digest: string } | undefined;
  /** What it lets in. */
  readonly open: readonly OpenPort[];
  /** Both, where poolers listen at these ports. */
  readonly withPoolersAt: (ports: readonly number[]) => Pick<DesiredBase, "firewall" | "open">;
  readonly hugePages: "never" | "madvise" | undefined;
  /** Whether unattended-upgrades is to leave our packages alone. */
  readonly keptUpgrades: boolean;
  /** Whether sshd is to take no passwords. */
  readonly keysOnly: boolean;
  /** Who is banned when, and who never. */
  readonly fail2ban: Fail2ban | undefined;
  /** What the kernel is to audit; undefined for nothing of pgha's. */
  readonly audit: readonly DesiredAuditRule[] | undefined;
  /** Whether the clock is to be kept, and by which servers beside those of the distribution. */
  readonly time: { readonly servers: readonly string[] } | undefined;
  readonly noSwap: boolean;
  /** What huge pages are for, on a member of a cluster that is to have them. */
  readonly forBuffersMiB: number | undefined;
  /** Open files that whoever logs in may have. */
  readonly openFiles: number | undefined;
  /** How large the journal may become. */
  readonly journal: string | undefined;
  /** Whether shared memory stays when its user logs out. */
  readonly keepsIpc: boolean;
  /** Files of pgha's that are not wanted any more. */
  readonly unwanted: readonly string[];
}

export interface DesiredBaseline {
  readonly resolved: ResolvedBaseline;
  readonly hosts: readonly DesiredBase[];
}

/** What the hosts of a baseline should be like. Pure. */
export function desireHostBaseline(resolved: ResolvedBaseline): DesiredBaseline {
  const {
    packages,
    timezone,
    sysctl,
    firewall,
    sshd,
    transparentHugePages,
    unattendedUpgrades: upgrades,
    time,
    swap,
    limits,
    journal,
    removeIpc,
    hugePages,
    fail2ban,
    auditd,
  } = resolved.baseline.spec;
  const { postgresql } = resolved.cluster.spec;
  return {
    resolved,
    hosts: resolved.hosts.map((covered): DesiredBase => {
      const withPoolersAt: DesiredBase["withPoolersAt"] = (ports) => {
        if (firewall === undefined) return { firewall: undefined, open: [] };
        const open = openPortsOn(resolved, covered, ports);
        return { firewall: rulesetOf(open, firewall.drop ?? "services"), open };
      };
      return {
        name: covered.host.name,
        covered,
        sysctl: [
          ...desiredSysctl(sysctl, covered.isMember),
          ...(transparentHugePages === undefined ? [] : [desiredHugePages(transparentHugePages)]),
        ],
        hugePages: transparentHugePages,
        keptUpgrades: upgrades !== undefined,
        timezone,
        packages: [
          ...new Set([
            ...packages,
            ...(timezone === undefined ? [] : ["tzdata"]),
            ...(firewall === undefined ? [] : ["nftables"]),
            ...(fail2ban === undefined ? [] : FAIL2BAN.packages),
            ...(auditd === undefined ? [] : [AUDITD.package]),
          ]),
        ],
        ...withPoolersAt([]),
        withPoolersAt,
        keysOnly: sshd !== undefined,
        fail2ban:
          fail2ban === undefined
            ? undefined
            : {
                port: sshOf(covered.of.spec, covered.host).port,
                maxRetry: fail2ban.maxRetry ?? 5,
                findTime: fail2ban.findTime ?? "10m",
                banTime: fail2ban.banTime ?? "1h",
                ignore: [...trustedBy(resolved, covered), ...(fail2ban.ignore ?? [])],
              },
        audit: desiredAudit(auditd),
        time: time === undefined ? undefined : { servers: time.servers ?? [] },
        noSwap: swap === "none",
        forBuffersMiB:
          hugePages === undefined || !covered.isMember
            ? undefined
            : sharedBuffersMiB(postgresql.parameters, postgresql.version),
        openFiles: limits?.openFiles,
        journal: journal?.maxUse,
        keepsIpc: removeIpc === "never",
        unwanted: [
          ...(sysctl === undefined && (hugePages === undefined || !covered.isMember) ? [BASE_FILES.sysctl] : []),
          ...(transparentHugePages === undefined ? [BASE_FILES.hugePages] : []),
          ...(upgrades === undefined ? [BASE_FILES.upgrades] : []),
          ...(sshd === undefined ? [SSHD.dropIn] : []),
          ...((time?.servers ?? []).length === 0 ? [CHRONY.file, TIMESYNCD.file] : []),
          ...(limits?.openFiles === undefined ? [BASE_FILES.limits] : []),
          ...(journal?.maxUse === undefined ? [JOURNALD.file] : []),
          ...(removeIpc === undefined ? [LOGIND.file] : []),
          ...(fail2ban === undefined ? [FAIL2BAN.file] : []),
          ...(auditd === undefined ? [AUDIT.file] : []),
        ],
      };
    }),
  };
}

function rulesetOf(open: readonly OpenPort[], drop: "services" | "everything"): NonNullable<DesiredBase["firewall"]> {
  const content = nftables(FIREWALL.ruleset, { drop, open });
  return { content, digest: sha256(content) };
}
