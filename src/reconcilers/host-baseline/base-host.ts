import { CHRONY, FAIL2BAN, JOURNALD, LOGIND, TIME_SERVICES, TIMESYNCD } from "../../desired/base-services.ts";
import type { BaseService } from "../../desired/base-services.ts";
import { BASE_FILES, NR_HUGE_PAGES } from "../../desired/base-system.ts";
import type { DesiredSysctl } from "../../desired/base-system.ts";
import type { DesiredFile, DesiredHost } from "../../desired/host.ts";
import { FIREWALL } from "../../desired/services.ts";
import type { BaseServiceFact } from "../../facts/base-services.ts";
import type { BaseSystemFact } from "../../facts/base-system.ts";
import type { SystemFact } from "../../facts/types.ts";
import {
  chronySources,
  fail2banJail,
  journaldConf,
  limitsConf,
  logindConf,
  timesyncdConf,
  unattendedUpgrades,
  writtenAtBoot,
} from "../../render/base-files.ts";
import { firewallUnit } from "../../render/nftables.ts";
import { sysctlConf } from "../../render/sysctl-conf.ts";
import type { DesiredBase } from "./desire.ts";
import { HUGE_PAGES } from "./sysctl.ts";

/** A service of the distribution's, and what pgha's file for it says; without content it has none. */
export interface ToldService {
  readonly of: BaseService;
  readonly content?: string;
  /** Whether it is to run, and to come up with the host; else it is told where it runs. */
  readonly mustRun: boolean;
}

/** What is written down for the next boot: of what may be more, what the host has if that is more. */
export function baseHost(
  host: DesiredBase,
  { base, system }: { readonly base?: BaseSystemFact; readonly system?: SystemFact } = {},
): DesiredHost {
  const { name, sysctl, packages, firewall, hugePages, keptUpgrades, openFiles } = host;
  const pages = hugePagesOn(host, system);
  const settings = [
    ...sysctl.filter(({ path }) => path !== HUGE_PAGES).map((one) => ({ ...one, value: valueOn(one, base) })),
    ...(pages === undefined
      ? []
      : [{ key: "vm.nr_hugepages", path: NR_HUGE_PAGES, value: String(pages), asked: true }]),
  ];
  return {
    host: name,
    packages: { names: packages, services: {}, source: "distribution" },
    artifacts: [],
    directories: [],
    files: [
      ...(settings.length === 0 && host.forBuffersMiB === undefined
        ? []
        : [ownFile(BASE_FILES.sysctl, sysctlConf(BASE_FILES.sysctl, settings))]),
      ...(hugePages === undefined ? [] : [ownFile(BASE_FILES.hugePages, writtenAtBoot(HUGE_PAGES, hugePages))]),
      ...(keptUpgrades ? [ownFile(BASE_FILES.upgrades, unattendedUpgrades())] : []),
      ...(openFiles === undefined ? [] : [ownFile(BASE_FILES.limits, limitsConf(openFiles))]),
      ...(firewall === undefined ? [] : [ownFile(FIREWALL.unitFile, firewallUnit())]),
    ],
    services: [],
    masked: [],
  };
}

/** Huge pages for shared_buffers, and a tenth more for what PostgreSQL shares beside them. */
export function hugePagesOn({ forBuffersMiB }: DesiredBase, system: SystemFact | undefined): number | undefined {
  const { hugePageKiB = 0 } = system ?? {};
  if (forBuffersMiB === undefined || hugePageKiB === 0) return undefined;
  return Math.ceil((forBuffersMiB * 1.1 * 1024) / hugePageKiB);
}

/** The value that a host is to have. */
export function valueOn({ path, value, atLeast }: DesiredSysctl, base: BaseSystemFact | undefined): string {
  const found = base?.sysctl[path];
  if (atLeast === undefined || found?.kind !== "value" || !/^[0-9]+$/.test(found.value)) return value;
  return BigInt(found.value) > BigInt(value) ? found.value : value;
}

/** What is told to services that every host has, or that come with packages of the base. */
export function toldServices({ journal, keepsIpc, fail2ban }: DesiredBase): readonly ToldService[] {
  return [
    ...(journal === undefined ? [] : [{ of: JOURNALD, content: journaldConf(journal), mustRun: false }]),
    ...(keepsIpc ? [{ of: LOGIND, content: logindConf(), mustRun: false }] : []),
    ...(fail2ban === undefined ? [] : [{ of: FAIL2BAN, content: fail2banJail(fail2ban), mustRun: true }]),
  ];
}

/**
 * The time service of a host, with the servers that it is to ask: the one that runs, else one that would come up with
 * the host, else one that is there. Where there is none, chrony, which is to be installed.
 */
export function timeServiceOn(
  { servers }: NonNullable<DesiredBase["time"]>,
  services: Readonly<Record<string, BaseServiceFact>>,
): ToldService {
  const there = TIME_SERVICES.filter(({ unit }) => services[unit]?.isThere === true);
  const wanted = there.filter(({ unit }) => services[unit]?.isMasked !== true);
  const of =
    there.find(({ unit }) => services[unit]?.isActive === true) ??
    wanted.find(({ unit }) => services[unit]?.isEnabled === true) ??
    wanted[0] ??
    there[0] ??
    CHRONY;
  if (servers.length === 0) return { of, mustRun: true };
  if (of === CHRONY) return { of, content: chronySources(servers), mustRun: true };
  return of === TIMESYNCD ? { of, content: timesyncdConf(servers), mustRun: true } : { of, mustRun: true };
}

/** What of a service's file a host is to have. */
export function fileOf({ of, content }: ToldService): readonly DesiredFile[] {
  return content === undefined || of.file === undefined ? [] : [ownFile(of.file, content)];
}

function ownFile(path: string, content: string): DesiredFile {
  return { path, content, owner: "root", group: "root", mode: 0o644, secret: false };
}
