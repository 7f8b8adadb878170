import { judgeValue, settingsOf } from "../api/index.ts";
import type { SystemFact } from "../facts/types.ts";

/** A setting that asks for more memory than a host has. */
export interface MemoryFault {
  readonly setting: "shared_buffers" | "huge_pages";
  readonly why: string;
  readonly wayOut: string;
}

/** What PostgreSQL asks the kernel for at its start, all at once: with less there it does not start. */
export function memoryFault(
  parameters: Readonly<Record<string, number | string>>,
  version: number,
  host: Pick<SystemFact, "memoryMiB" | "swapMiB" | "hugePagesMiB">,
): MemoryFault | undefined {
  const read = reader(parameters, version);
  const sharedMiB = sharedBuffersMiB(parameters, version);
  if (sharedMiB > host.memoryMiB + host.swapMiB)
    return {
      setting: "shared_buffers",
      why:
        `it has ${host.memoryMiB} MiB of memory, and shared_buffers ${parameters["shared_buffers"]} ` +
        `takes ${sharedMiB} MiB at PostgreSQL's start`,
      wayOut: "Write less into spec.postgresql.parameters.shared_buffers (a quarter of the memory is usual).",
    };
  if (read("huge_pages") === "on" && host.hugePagesMiB !== undefined && host.hugePagesMiB < sharedMiB)
    return {
      setting: "huge_pages",
      why:
        `it has ${host.hugePagesMiB} MiB of huge pages, and shared_buffers takes more than ${sharedMiB} ` +
        "MiB of them with huge_pages on",
      wayOut:
        "Write huge_pages: try, or set vm.nr_hugepages on the host to what shared_buffers takes and a tenth more.",
    };
  return undefined;
}

/** What shared_buffers take, or would if they are left out. */
export function sharedBuffersMiB(parameters: Readonly<Record<string, number | string>>, version: number): number {
  return Math.ceil(Number(reader(parameters, version)("shared_buffers") ?? USUAL_BLOCKS) / BLOCKS_PER_MIB);
}

function reader(parameters: Readonly<Record<string, number | string>>, version: number) {
  return (name: string): string | undefined => {
    const [setting, written] = [settingsOf(version)?.get(name), parameters[name]];
    const judged = setting === undefined || written === undefined ? undefined : judgeValue(setting, written);
    return judged?.ok === true ? judged.value : undefined;
  };
}

/** 8 kB each. */
const BLOCKS_PER_MIB = 128;
const USUAL_BLOCKS = 16_384;
