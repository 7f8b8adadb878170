import { readFileSync } from "node:fs";

/** What a process has used so far. */
export interface ProcessCost {
  readonly cpuMs: number;
  /** In millions of bytes. */
  readonly rssMB: number;
}

/** proc_pid_stat(5) counts in clock ticks, of which Linux has 100 a second on every architecture. */
const TICK_MS = 10;

export function costOf(pid: number): ProcessCost {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS, rssMB: (Number(rss) * 1024) / 1e6 };
}

/** Its program, as the kernel names it. */
export function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
}
