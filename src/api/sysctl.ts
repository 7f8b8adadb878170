/**
 * A kernel setting by either spelling of its key: `net.ipv4.tcp_rmem` or `net/ipv4/tcp_rmem` (sysctl.d(5)). The first
 * separator says which it is; in the former, a slash stands for a dot within a name.
 */
export function sysctlPath(key: string): string {
  const separator = /[./]/.exec(key)?.[0] ?? ".";
  return separator === "/" ? key : key.replaceAll(/[./]/g, (sign) => (sign === "." ? "/" : "."));
}

/** A value as the kernel shows it: numbers of one line are parted by one blank. */
export function sysctlValue(value: number | string): string {
  return String(value).trim().replaceAll(/\s+/g, " ");
}

/** Of each pair the kernel heeds the one that was written last, and shows 0 for the other. */
export const SYSCTL_RIVALS: readonly (readonly [string, string])[] = [
  ["vm/dirty_bytes", "vm/dirty_ratio"],
  ["vm/dirty_background_bytes", "vm/dirty_background_ratio"],
  ["vm/overcommit_kbytes", "vm/overcommit_ratio"],
];

export function rivalOf(path: string): string | undefined {
  const pair = SYSCTL_RIVALS.find((each) => each.includes(path));
  return pair?.find((one) => one !== path);
}
