import { rivalOf, sysctlPath, sysctlValue } from "../../api/sysctl.ts";
import type { BaselineSpec } from "../../api/index.ts";
import type { DesiredSysctl } from "../../desired/base-system.ts";

/** A default: on every host, or only where PostgreSQL's memory is. */
interface Default {
  readonly key: string;
  readonly value: string;
  readonly members?: true;
  readonly atLeast?: true;
}

/** What suits PostgreSQL and its proxies; docs/kinds/hostbaseline.md says why, and a test compares the two. */
export const SYSCTL_DEFAULTS: readonly Default[] = [
  { key: "vm.swappiness", value: "1", members: true },
  { key: "vm.dirty_background_bytes", value: "67108864", members: true },
  { key: "vm.dirty_bytes", value: "536870912", members: true },
  { key: "vm.overcommit_memory", value: "2", members: true },
  { key: "vm.overcommit_ratio", value: "80", members: true },
  { key: "vm.zone_reclaim_mode", value: "0", members: true },
  { key: "kernel.numa_balancing", value: "0", members: true },
  { key: "kernel.sched_autogroup_enabled", value: "0", members: true },
  { key: "net.core.somaxconn", value: "4096", atLeast: true },
  { key: "net.ipv4.tcp_keepalive_time", value: "60" },
  { key: "net.ipv4.tcp_keepalive_intvl", value: "20" },
  { key: "net.ipv4.tcp_keepalive_probes", value: "3" },
  { key: "net.ipv4.tcp_fin_timeout", value: "15" },
  { key: "net.ipv4.tcp_tw_reuse", value: "1" },
  { key: "fs.inotify.max_user_instances", value: "1024", atLeast: true },
  { key: "fs.inotify.max_user_watches", value: "524288", atLeast: true },
];

/** What a host is to have: defaults first, then what somebody wrote, which also counts before a default's rival. */
export function desiredSysctl(spec: BaselineSpec["sysctl"], isMember: boolean): readonly DesiredSysctl[] {
  if (spec === undefined) return [];
  const asked = Object.entries(spec.values ?? {}).map(([key, value]): DesiredSysctl => {
    return { key, path: sysctlPath(key), value: sysctlValue(value), asked: true };
  });
  const taken = new Set(asked.flatMap(({ path }) => [path, rivalOf(path) ?? path]));
  const defaults = (spec.defaults ?? true) ? SYSCTL_DEFAULTS.filter(({ members }) => isMember || members !== true) : [];
  return [
    ...defaults
      .map(({ key, value, atLeast }): DesiredSysctl => {
        const base = { key, path: sysctlPath(key), value, asked: false };
        return atLeast === undefined ? base : { ...base, atLeast };
      })
      .filter(({ path }) => !taken.has(path)),
    ...asked,
  ];
}

/** Not among the settings of sysctl(8), and set and compared like them. */
export function desiredHugePages(value: "never" | "madvise"): DesiredSysctl {
  return { key: "transparent_hugepage", path: HUGE_PAGES, value, asked: true };
}

export const HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage/enabled";
