import type { HostChange } from "../../src/changes/table.ts";
import { AUDITD, CHRONY, FAIL2BAN, JOURNALD, LOGIND, NO_FILE } from "../../src/desired/base-services.ts";
import { FIREWALL, SSHD } from "../../src/desired/services.ts";
import type { ImageInside } from "../../src/desired/container.ts";
import type { AuditFact } from "../../src/facts/audit.ts";
import type { BaseServiceFact } from "../../src/facts/base-services.ts";
import type { BaseSystemFact, SysctlFact } from "../../src/facts/base-system.ts";
import type { FirewallFact } from "../../src/facts/firewall.ts";
import type { SshdFact } from "../../src/facts/sshd.ts";
import type { TimeFact } from "../../src/facts/time.ts";
import { AUDITS, takeOnAudit } from "./model-audit.ts";
import { poolerPorts } from "./model-former.ts";
import type { ModelHost } from "./model-host.ts";
import { SAME_LIBRARIES } from "./model-move.ts";
import { OWN_VOLUME } from "./model-volume.ts";
import type { ModelVolume } from "./model-volume.ts";

/** What is below the services of a host of a model. */
export class ModelBase {
  /** What the running kernel has, by path below /proc/sys; what is not in here, a host has a value of its own for. */
  readonly sysctl = new Map<string, string>();
  /** Kernel settings that it may look at and not change. */
  readonly fixedSysctl = new Set<string>();
  timezone = "Etc/UTC";
  /** Digest of the table of nftables that is loaded, and of one that cut pgha off. */
  firewall: string | undefined;
  firewallRefused: string | undefined;
  audit = AUDITS;
  /** Services of the distribution's that run, and those that come up with the host. */
  readonly running = new Set<string>([JOURNALD.unit, LOGIND.unit]);
  readonly enabled = new Set<string>([JOURNALD.unit, LOGIND.unit]);
  /** Time service that it came with, and whether its clock is right. */
  timeService: string | undefined;
  isMasked = false;
  volume: ModelVolume = OWN_VOLUME;
  isSynchronised = true;
  clockOffsetMs = 0;
  /** Servers that its chrony asks. */
  servers: readonly string[] = [];
  availableMiB = 2000;
  /** What every image that it has holds of PostgreSQL. */
  inImages: NonNullable<ImageInside["servers"]> = [{ version: "17.4", bin: "/usr/lib/postgresql/17/bin" }];
  /** What orders text for a PostgreSQL there, and in a container. */
  libraries = SAME_LIBRARIES;
  hugePagesTried: number | undefined;
  swap = { active: [] as { path: string; usedMiB: number }[], inFstab: [] as string[], commented: 0 };
  kernels = { running: "6.12.9-1-amd64", installed: [] as string[], isAsked: false, isContainer: false };
  /** Revisions, which are others in each world. */
  #told = new Map<string, string>();

  told(unit: string): string | undefined {
    return this.#told.get(unit);
  }

  tell(unit: string, revision: string): void {
    this.#told.set(unit, revision);
  }

  copy(): ModelBase {
    const other = new ModelBase();
    other.#told = new Map(this.#told);
    return Object.assign(other, {
      running: new Set(this.running),
      enabled: new Set(this.enabled),
      timeService: this.timeService,
      isMasked: this.isMasked,
      volume: this.volume,
      isSynchronised: this.isSynchronised,
      clockOffsetMs: this.clockOffsetMs,
      servers: this.servers,
      inImages: this.inImages,
      swap: { ...this.swap },
      availableMiB: this.availableMiB,
      hugePagesTried: this.hugePagesTried,
      kernels: { ...this.kernels },
      timezone: this.timezone,
      audit: this.audit,
      firewall: this.firewall,
      firewallRefused: this.firewallRefused,
      sysctl: new Map(this.sysctl),
      fixedSysctl: new Set(this.fixedSysctl),
    });
  }
}

/** Whether it was a change of a host's base, which is taken then. */
export function takeOnBase(host: ModelHost, change: HostChange): boolean {
  const { base } = host;
  const own = (content: string) => ({ content, owner: "root", group: "root", mode: 0o644 });
  switch (change.kind) {
    case "set-sysctl":
      for (const { path, value } of change.settings) base.sysctl.set(path, value);
      return true;
    case "set-timezone":
      base.timezone = change.timezone;
      return true;
    case "load-firewall":
      base.firewall = change.digest;
      host.write(FIREWALL.ruleset, own(change.content));
      return true;
    case "load-sshd":
      host.write(SSHD.dropIn, own(change.content));
      base.tell(SSHD.told, revisionOf(host, SSHD.dropIn));
      return true;
    case "mount-volume":
      base.volume = { ...base.volume, isMounted: true, found: { ...base.volume.found, isEnabled: true } };
      return true;
    case "tell-service": {
      const { unit, file } = change.service;
      base.running.add(unit);
      if (change.enable) base.enabled.add(unit);
      base.tell(unit, file === undefined ? NO_FILE : revisionOf(host, file));
      const text = host.files.get(CHRONY.file)?.content ?? "";
      base.servers = [...text.matchAll(/^server (\S+)/gm)].map(([, name = ""]) => name);
      return true;
    }
    case "reserve-huge-pages":
      base.hugePagesTried = change.pages;
      base.sysctl.set("vm/nr_hugepages", String(change.pages));
      return true;
    case "arrange-swap": {
      const { inFstab, commented } = base.swap;
      base.swap = {
        ...base.swap,
        active: base.swap.active.filter(({ path }) => !change.off.includes(path)),
        inFstab: change.fstab === undefined ? inFstab : change.fstab === "comment" ? [] : ["/swapfile"],
        commented: change.fstab === undefined ? commented : change.fstab === "comment" ? inFstab.length : 0,
      };
      return true;
    }
    case "remove-firewall":
      base.firewall = undefined;
      for (const path of [FIREWALL.ruleset, FIREWALL.unitFile]) host.files.delete(path);
      return true;
    default:
      return takeOnAudit(host, change);
  }
}

/** What a host of a model answers about its base. */
export function baseFacts(host: ModelHost): {
  readonly base: BaseSystemFact;
  readonly audit: AuditFact;
  readonly firewall: FirewallFact;
  readonly poolerPorts: readonly number[];
  readonly sshd: SshdFact;
  readonly services: Readonly<Record<string, BaseServiceFact>>;
  readonly time: TimeFact;
} {
  const sysctl = new Proxy<Record<string, SysctlFact>>(
    {},
    {
      get: (_, path) => ({
        kind: "value",
        value: host.base.sysctl.get(String(path)) ?? "7",
        writable: !host.base.fixedSysctl.has(String(path)),
      }),
    },
  );
  const firewall = {
    other: undefined,
    inForce: host.base.firewall,
    hasTable: host.base.firewall !== undefined,
    refused: host.base.firewallRefused,
    isEnabled: host.base.firewall !== undefined,
  };
  const told = host.files.get("/etc/ssh/sshd_config.d/00-pgha.conf")?.content ?? "";
  const sshd = {
    effective: {
      passwordauthentication: told.includes("PasswordAuthentication no") ? "no" : "yes",
      kbdinteractiveauthentication: "no",
      permitrootlogin: told.includes("PermitRootLogin") ? "prohibit-password" : "yes",
    },
    told: host.base.told(SSHD.told),
    pending: [],
    readsDropIns: true,
    refused: undefined,
  };
  const { base } = host;
  return {
    audit: base.audit,
    firewall,
    poolerPorts: poolerPorts(host),
    sshd,
    services: new Proxy({}, { get: (_, unit) => serviceFact(host, String(unit)) }),
    time: {
      isSynchronised: base.running.has(CHRONY.unit) ? base.isSynchronised : undefined,
      sources: base.servers.map((name) => ({ name, answers: base.isSynchronised })),
    },
    base: {
      sysctl,
      timezone: base.timezone,
      hasTimezone: true,
      committedMiB: 100,
      kernels: base.kernels,
      swap: base.swap,
      availableMiB: base.availableMiB,
      hugePagesTried: base.hugePagesTried,
    },
  };
}

function serviceFact(host: ModelHost, unit: string): BaseServiceFact {
  const { base } = host;
  const isOfTime = base.timeService === unit || (unit === CHRONY.unit && host.packages.has(CHRONY.package));
  return {
    isThere:
      isOfTime ||
      (unit === FAIL2BAN.unit && host.packages.has("fail2ban")) ||
      (unit === AUDITD.unit && host.packages.has(AUDITD.package)) ||
      unit === JOURNALD.unit ||
      unit === LOGIND.unit,
    isActive: base.running.has(unit),
    isEnabled: base.enabled.has(unit),
    isMasked: (isOfTime || unit === FAIL2BAN.unit || unit === AUDITD.unit) && base.isMasked,
    told: base.told(unit),
  };
}

function revisionOf(host: ModelHost, path: string): string {
  const revision = host.files.get(path)?.revision;
  return revision === undefined ? NO_FILE : String(revision);
}
