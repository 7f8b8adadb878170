import type { Look } from "../facts/fact.ts";
import type { MountFact, SystemFact } from "../facts/types.ts";
import type { Findings } from "./findings.ts";
import type { Warning } from "./plan.ts";

const NOTABLE = 1.3;

interface Size {
  readonly host: string;
  readonly size: number;
}

/** Two of which the first is notably larger. */
type Pair = readonly [larger: string, smaller: string];

/**
 * Members of unequal size serve unequally once they lead (F19): said once, as a warning, unless failoverPriority has
 * the smaller ones lead only where no larger one can, or never. `priorityOf` is that of a host, 0 of one that never
 * leads.
 */
export function unevenHosts(
  resource: string,
  looks: ReadonlyMap<string, Look<{ readonly system: SystemFact; readonly mount: MountFact }>>,
  priorityOf: (host: string) => number,
): Findings {
  const seen = [...looks.values()].flatMap((look) => (look.seen ? [look] : []));
  const kinds = [
    { what: "memory", of: ({ system }: (typeof seen)[number]["facts"]) => system.memoryMiB },
    {
      what: "the data volume's size",
      of: ({ mount }: (typeof seen)[number]["facts"]) => (mount.mounted ? mount.sizeMiB : 0),
    },
  ].map(({ what, of }) => {
    const sizes = seen.map(({ host, facts }) => ({ host, size: of(facts) })).filter(({ size }) => size > 0);
    return { what, sizes, pairs: pairsOf(sizes) };
  });
  const isEitherWay = ([larger, smaller]: Pair): boolean =>
    kinds.some(({ pairs }) => pairs.some((pair) => pair[0] === smaller && pair[1] === larger));
  const isProvidedFor = ([larger, smaller]: Pair): boolean =>
    priorityOf(smaller) === 0 || priorityOf(larger) > priorityOf(smaller);
  const warnings = kinds.flatMap(({ what, sizes, pairs }): Warning[] => {
    const [contrary, clear] = [pairs.filter(isEitherWay), pairs.filter((pair) => !isEitherWay(pair))];
    const open = clear.filter((pair) => !isProvidedFor(pair));
    // Whichever of the two leads lacks something, unless one of them never does.
    const hopeless = contrary.filter((pair) => pair.every((host) => priorityOf(host) !== 0));
    if (open.length === 0 && hopeless.length === 0) return [];
    const advice = open.length > 0 ? inWords(open) : "neither order of failoverPriority suits: make them alike";
    return [{ resource, reason: "UnevenHosts", message: `${what} differs: ${sizes.map(shown).join(", ")}; ${advice}` }];
  });
  return { blockers: [], warnings };
}

function pairsOf(sizes: readonly Size[]): readonly Pair[] {
  return sizes.flatMap((larger) =>
    sizes.filter((smaller) => larger.size > smaller.size * NOTABLE).map((smaller): Pair => [larger.host, smaller.host]),
  );
}

function inWords(pairs: readonly Pair[]): string {
  const bySmaller = Map.groupBy(pairs, ([, smaller]) => smaller);
  return [...bySmaller]
    .map(
      ([smaller, same]) =>
        `give ${same.map(([larger]) => larger).join(" and ")} a higher failoverPriority than ${smaller}, or ` +
        `${smaller} 0`,
    )
    .join("; ");
}

function shown({ host, size }: Size): string {
  return `${host} ${size} MiB`;
}
