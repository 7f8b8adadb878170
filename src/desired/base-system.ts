/** A kernel setting as a host should have it. */
export interface DesiredSysctl {
  /** As people write it. */
  readonly key: string;
  /** Below /proc/sys, or an absolute path. */
  readonly path: string;
  readonly value: string;
  /** More than that is as good, and stays. */
  readonly atLeast?: true;
  /** Somebody wrote it down: no default of ours. */
  readonly asked: boolean;
}

/** Files of pgha's own about the base of a host. */
export const BASE_FILES = {
  /** Sorts behind what others put there, whichever directory of sysctl.d(5) it is in. */
  sysctl: "/etc/sysctl.d/99-zz-pgha.conf",
  hugePages: "/etc/tmpfiles.d/pgha.conf",
  upgrades: "/etc/apt/apt.conf.d/99pgha-unattended-upgrades",
  /** Of several files that of the last name counts (limits.conf(5)). */
  limits: "/etc/security/limits.d/zz-pgha.conf",
} as const;

/** Number of huge pages, below /proc/sys. */
export const NR_HUGE_PAGES = "vm/nr_hugepages";

/** How many the kernel was last asked for, since the boot. */
export const HUGE_PAGES_TRIED = "/run/pgha/huge-pages";

/** How a line of /etc/fstab begins that pgha commented out: what follows is the line as it was. */
export const FSTAB_MARK = "#pgha-swap:";
