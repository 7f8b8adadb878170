/** A service of the distribution's in which a HostBaseline has a word, and the file of pgha's that says it. */
export interface BaseService {
  /** What a person calls it. */
  readonly title: string;
  readonly unit: string;
  /** Undefined where pgha has nothing to write for it. */
  readonly file?: string;
  /** It is started where it does not run, and never told anything by a restart. */
  readonly staysUp?: true;
}

export const CHRONY = {
  title: "chrony",
  unit: "chrony.service",
  /** The distribution's chrony.conf reads this folder (sourcedir). */
  file: "/etc/chrony/sources.d/pgha.sources",
  /** Brings it, where a host has no time service at all. */
  package: "chrony",
} as const satisfies BaseService & { readonly package: string };

export const TIMESYNCD = {
  title: "systemd-timesyncd",
  unit: "systemd-timesyncd.service",
  file: "/etc/systemd/timesyncd.conf.d/zz-pgha.conf",
} as const satisfies BaseService;

/** Time services, of which a host runs one: which is kept where none runs, by this order. */
export const TIME_SERVICES: readonly BaseService[] = [
  CHRONY,
  TIMESYNCD,
  { title: "ntpsec", unit: "ntpsec.service" },
  { title: "ntpd", unit: "ntp.service" },
  { title: "openntpd", unit: "openntpd.service" },
];

export const JOURNALD = {
  title: "the journal",
  unit: "systemd-journald.service",
  /** Of several files that of the last name counts (journald.conf(5)). */
  file: "/etc/systemd/journald.conf.d/zz-pgha.conf",
} as const satisfies BaseService;

export const LOGIND = {
  title: "systemd-logind",
  unit: "systemd-logind.service",
  file: "/etc/systemd/logind.conf.d/zz-pgha.conf",
} as const satisfies BaseService;

/** Bans addresses that fail to log in by SSH. */
export const FAIL2BAN = {
  title: "fail2ban",
  unit: "fail2ban.service",
  /** Read after all that ends in .conf, and of those in .local by name (jail.conf(5)). */
  file: "/etc/fail2ban/jail.d/zz-pgha.local",
  /** python3-systemd for reading the journal, which is where sshd writes to; nftables for the bans. */
  packages: ["fail2ban", "nftables", "python3-systemd"],
} as const satisfies BaseService & { readonly packages: readonly string[] };

/**
 * Writes down what the kernel audits. Its start loads all rules of /etc/audit/rules.d anew, and a restart would leave
 * out what comes meanwhile.
 */
export const AUDITD = {
  title: "auditd",
  unit: "auditd.service",
  package: "auditd",
  staysUp: true,
} as const satisfies BaseService & { readonly package: string };

/**
 * Where it is noted which revision of pgha's file a service was last told to read (ADR 28); `none` where there was no
 * such file. It outlives a boot, as the file's inode and the time of its last change do.
 */
export const TOLD_FOLDER = "/var/lib/pgha/told";

export function toldOf(unit: string): string {
  return `${TOLD_FOLDER}/${unit}`;
}

export const NO_FILE = "none";
