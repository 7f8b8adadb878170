import type { Usage } from "./measured.ts";
import { spreadOf, spreadText } from "./statistics.ts";

export interface Measurements {
  /** Seconds. */
  readonly floor: readonly number[];
  readonly apply: readonly Usage[];
  /** The same stack in containers, their images at hand as files. */
  readonly containers: readonly Usage[];
  /** Seconds of `ssh true` to all hosts at once. */
  readonly ssh: readonly number[];
  /** Applies with nothing to do, on hosts that had been at rest for a while. */
  readonly noop: readonly Usage[];
  /** The same right after the apply that made the stack. */
  readonly noopAtOnce: readonly Usage[];
}

export function reportText({ floor, apply, containers, ssh, noop, noopAtOnce }: Measurements): string {
  const seconds = (usages: readonly Usage[]): readonly number[] => usages.map((usage) => usage.seconds);
  const ratio = (one: readonly number[], other: readonly number[]): string =>
    (spreadOf(one).median / spreadOf(other).median).toFixed(2);
  const rows: readonly (readonly [string, string])[] = [
    ["fresh apply, five bare hosts", spreadText(seconds(apply), "s")],
    ["the floor script, alternating", spreadText(floor, "s")],
    ["ratio of medians", ratio(seconds(apply), floor)],
    ["fresh apply in containers, images as files", spreadText(seconds(containers), "s")],
    ["ratio of medians to that without", ratio(seconds(containers), seconds(apply))],
    ["apply with nothing to do", spreadText(seconds(noop), "s")],
    ["  right after the first apply", spreadText(seconds(noopAtOnce), "s")],
    ["ssh true to the same hosts", spreadText(ssh, "s")],
    ["execs a host, nothing to do", execsText(noop)],
    ["execs a host, fresh apply", execsText(apply)],
    [
      "CPU, nothing to do",
      spreadText(
        noop.map((usage) => usage.cpuSeconds),
        "s",
      ),
    ],
    [
      "CPU, fresh apply",
      spreadText(
        apply.map((usage) => usage.cpuSeconds),
        "s",
      ),
    ],
    [
      "peak memory, nothing to do",
      spreadText(
        noop.map((usage) => usage.peakMiB),
        "MiB",
      ),
    ],
    [
      "peak memory, fresh apply",
      spreadText(
        apply.map((usage) => usage.peakMiB),
        "MiB",
      ),
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join("");
}

/** Of the last run, host by host. */
function execsText(usages: readonly Usage[]): string {
  const counts = Map.groupBy(usages.at(-1)?.execs ?? [], (exec) => exec.host);
  return [...counts].map(([host, execs]) => `${host} ${execs.length}`).join(", ");
}
