import { shown, shownName } from "../api/shown.ts";
import { closest } from "../api/suggest.ts";
import type { Problem } from "../errors.ts";
import { count, list } from "../text/words.ts";
import type { Inventory } from "./read-inventory.ts";
import { shownHost } from "./row.ts";
import type { InventoryHost } from "./row.ts";

/** One of the choices of `pgha import`: --db or --proxies. */
export interface Choice {
  /** `--db`, for messages. */
  readonly option: string;
  /** `database hosts`, for messages. */
  readonly what: string;
  /** Names with commas between, or column=value pairs with commas between, count=N among them if wanted. */
  readonly text: string;
  /** How many hosts a filter may match when it does not say. */
  readonly expected: number;
}

export interface Chosen {
  readonly hosts: readonly InventoryHost[];
  /** By name, so that their order was a person's. */
  readonly named: boolean;
  readonly problems: readonly Problem[];
}

/**
 * The hosts of a choice, out of the rows `among` (those of the environment asked for). Never guesses: a filter that
 * matches another number of hosts than expected is refused with the list of what it matched, since other machines
 * carry the same roles.
 */
export function selectHosts(choice: Choice, among: readonly InventoryHost[], inventory: Inventory): Chosen {
  const parts = choice.text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const filters = parts.filter((part) => part.includes("="));
  if (parts.length === 0) {
    return refused(choice, `names no hosts`, `write host names with commas between: ${choice.option} host-1,host-2`);
  }
  if (filters.length > 0 && filters.length < parts.length) {
    return refused(choice, "mixes host names and column=value pairs", "write either the one or the other");
  }
  return filters.length > 0 ? byFilter(choice, filters, among, inventory) : byName(choice, parts, among, inventory);
}

function byName(
  choice: Choice,
  names: readonly string[],
  among: readonly InventoryHost[],
  inventory: Inventory,
): Chosen {
  const problems: Problem[] = [];
  const hosts: InventoryHost[] = [];
  for (const [index, name] of names.entries()) {
    const matches = among.filter((host) => host.name.toLowerCase() === name.toLowerCase());
    const [match, ...more] = matches;
    if (names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) < index) {
      problems.push(problem(choice, `names ${shownName(name)} twice`, "name it once"));
    } else if (match === undefined) {
      problems.push(unknown(choice, name, among, inventory));
    } else if (more.length > 0) {
      problems.push(
        problem(
          choice,
          `${shownName(name)} is in the inventory more than once: ${list(matches.map(shownHost))}`,
          inventory.hasEnv
            ? "choose the environment with --env, or comment the wrong line out with #"
            : "comment the wrong line out with #",
        ),
      );
    } else {
      hosts.push(match);
    }
  }
  return { hosts, named: true, problems };
}

function unknown(choice: Choice, name: string, among: readonly InventoryHost[], inventory: Inventory): Problem {
  const elsewhere = inventory.hosts.find((host) => host.name.toLowerCase() === name.toLowerCase());
  if (elsewhere !== undefined) {
    return problem(
      choice,
      `${shownName(name)} belongs to the environment ${shown(elsewhere.env)} (line ${elsewhere.line})`,
      "choose another host, or another environment with --env",
    );
  }
  const names = among.map((host) => host.name);
  const meant = closest(name, names);
  const known = names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : list(names);
  return problem(
    choice,
    `there is no host ${shownName(name)} in the inventory`,
    meant === undefined ? `there are ${known}` : `did you mean ${meant}?`,
  );
}

function byFilter(
  choice: Choice,
  filters: readonly string[],
  among: readonly InventoryHost[],
  inventory: Inventory,
): Chosen {
  const pairs = filters.map(
    (filter) =>
      [
        filter.slice(0, filter.indexOf("=")).trim().toLowerCase(),
        filter.slice(filter.indexOf("=") + 1).trim(),
      ] as const,
  );
  if (inventory.columns.length === 0) {
    return refused(
      choice,
      "asks for a column, and the inventory has no header that names its columns",
      `add a header, or name the hosts: ${choice.option} host-1,host-2`,
    );
  }
  const columns = pairs.filter(([column]) => column !== "count" || inventory.columns.includes("count"));
  const problems = columns.flatMap(([column], index) => {
    if (!inventory.columns.includes(column)) {
      const meant = closest(column, inventory.columns);
      return [
        problem(
          choice,
          `the inventory has no column ${shownName(column)}`,
          meant === undefined ? `it has ${list(inventory.columns)}` : `did you mean ${meant}?`,
        ),
      ];
    }
    return columns.findIndex(([other]) => other === column) < index
      ? [problem(choice, `asks for ${column} twice, and a host has only one`, "keep one of them")]
      : [];
  });
  const wanted =
    pairs.find(([column]) => column === "count" && !inventory.columns.includes("count"))?.[1] ??
    String(choice.expected);
  if (!/^[1-9]\d?$/.test(wanted)) {
    problems.push(problem(choice, `count is ${shown(wanted)}`, "write how many hosts belong together, e.g. count=3"));
  }
  if (problems.length > 0) {
    return { hosts: [], named: false, problems };
  }
  const matches = among.filter((host) =>
    columns.every(([column, value]) => (host.cells.get(column) ?? "").toLowerCase() === value.toLowerCase()),
  );
  const filter = columns.map(([column, value]) => `${column}=${value}`).join(",");
  if (matches.length === Number(wanted)) {
    return { hosts: matches, named: false, problems: [] };
  }
  if (matches.length === 0) {
    const values = columns.map(([column]) => {
      const found = among.map((host) => host.cells.get(column) ?? "").filter((value) => value !== "");
      return `${column}: ${list([...new Set(found)].toSorted())}`;
    });
    return refused(choice, `${filter} matches no host`, `there are ${values.join("; ")}`);
  }
  const found = matches.length;
  const all = `if ${found === 1 ? "it is the only one" : `all ${found} do`}, add count=${found}`;
  return refused(
    choice,
    `${filter} matches ${count(found, "host")} where ${wanted} ${wanted === "1" ? "was" : "were"} ` +
      `expected: ${list(matches.map(shownHost))}`,
    `name the ${choice.what} that belong together: ${choice.option} ${matches
      .slice(0, Number(wanted))
      .map(() => "NAME")
      .join(",")}; ${all}`,
  );
}

function refused(choice: Choice, message: string, wayOut: string): Chosen {
  return { hosts: [], named: false, problems: [problem(choice, message, wayOut)] };
}

function problem(choice: Choice, message: string, wayOut: string): Problem {
  return { resource: choice.option, path: "", message, wayOut };
}
