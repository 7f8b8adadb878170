import type { HostBaseline } from "../kinds.ts";
import { shown } from "../shown.ts";
import { closest } from "../suggest.ts";
import { rivalOf, sysctlPath, sysctlValue } from "../sysctl.ts";
import { problem, type Finding } from "./finding.ts";

/** Kernel settings of one's own: keys that are keys, values that the kernel shows as they were written. */
export function* sysctlRules(baseline: HostBaseline): Iterable<Finding> {
  const values = baseline.spec.sysctl?.values ?? {};
  const first = new Map<string, string>();
  for (const [key, value] of Object.entries(values)) {
    const path = `spec.sysctl.values.${key}`;
    const fault = keyFault(key) ?? valueFault(value);
    if (fault !== undefined) {
      yield problem(baseline, path, fault.message, fault.wayOut);
      continue;
    }
    const place = sysctlPath(key);
    const other = first.get(place) ?? first.get(rivalOf(place) ?? "");
    if (other !== undefined)
      yield problem(
        baseline,
        path,
        first.has(place) ? `is the same setting as ${other}` : `undoes ${other}: the kernel heeds one of the two`,
        "keep one of them",
      );
    first.set(place, key);
  }
}

interface Fault {
  readonly message: string;
  readonly wayOut: string;
}

const KEY = /^[a-z0-9_-]+(?:[./][A-Za-z0-9_@:-]+)+$/;
const TREES = ["abi", "dev", "fs", "kernel", "net", "user", "vm"];

function keyFault(key: string): Fault | undefined {
  if (!KEY.test(key) || key.length > 200)
    return { message: "is no key of a kernel setting", wayOut: "write one such as net.core.somaxconn" };
  const [tree = ""] = sysctlPath(key).split("/");
  if (!TREES.includes(tree)) {
    const meant = closest(tree, TREES);
    return {
      message: `begins with ${shown(tree)}, which is none of ${TREES.join(", ")}`,
      wayOut:
        meant === undefined
          ? "look it up below /proc/sys on a host"
          : `did you mean ${meant}${key.slice(tree.length)}?`,
    };
  }
  const act = ACTS.get(sysctlPath(key));
  return act === undefined ? undefined : { message: `is no setting: ${act}`, wayOut: "take it out" };
}

/** What happens once when it is written, and is no state. */
const ACTS: ReadonlyMap<string, string> = new Map([
  ["vm/drop_caches", "writing it empties the page cache"],
  ["vm/compact_memory", "writing it moves memory about"],
  ["net/ipv4/route/flush", "writing it empties a cache"],
  ["net/ipv6/route/flush", "writing it empties a cache"],
]);

function valueFault(value: number | string): Fault | undefined {
  const text = sysctlValue(value);
  if (text === "") return { message: "is empty", wayOut: "write its value as the kernel shows it" };
  if (/^[\t -~]+$/.test(String(value)) && text.length <= 500) return undefined;
  return { message: "is not one line of plain ASCII", wayOut: "write its value as the kernel shows it" };
}
