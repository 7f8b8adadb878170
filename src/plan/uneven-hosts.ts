import type { Look } from "../facts/fact.ts";
import type { MountFact, SystemFact } from "../facts/types.ts";
import type { Findings } from "./findings.ts";
import type { Warning } from "./plan.ts";

const NOTABLE = 1.3;

/** Members of unequal size serve unequally once they lead (F19): said once, as a warning. */
export function unevenHosts(
  resource: string,
  looks: ReadonlyMap<string, Look<{ readonly system: SystemFact; readonly mount: MountFact }>>,
): Findings {
  const seen = [...looks.values()].flatMap((look) => (look.seen ? [look] : []));
  const uneven = (what: string, sizeOf: (facts: (typeof seen)[number]["facts"]) => number): Warning[] => {
    const sizes = seen.map((look) => ({ host: look.host, size: sizeOf(look.facts) })).filter(({ size }) => size > 0);
    const values = sizes.map(({ size }) => size);
    if (sizes.length < 2 || Math.max(...values) <= Math.min(...values) * NOTABLE) return [];
    return [
      {
        resource,
        reason: "UnevenHosts",
        message: `${what} differs: ${sizes.map(({ host, size }) => `${host} ${size} MiB`).join(", ")}; give the larger hosts a higher failoverPriority`,
      },
    ];
  };
  return {
    blockers: [],
    warnings: [
      ...uneven("memory", ({ system }) => system.memoryMiB),
      ...uneven("the data volume's size", ({ mount }) => (mount.mounted ? mount.sizeMiB : 0)),
    ],
  };
}
