import { isIP } from "node:net";
import { closest } from "../api/suggest.ts";

/** Where in a row the things are that pgha needs. */
export interface Columns {
  /** Names in lower case, in order; empty for a layout whose other columns are not known. */
  readonly names: readonly string[];
  readonly name: number;
  readonly address: number;
  /** -1 when there is none. */
  readonly env: number;
  readonly user: number;
}

/** The layout in use today. */
const CURRENT = [
  "env",
  "ip_publique",
  "hostname",
  "ip_privee",
  "fqdn",
  "user_ssh",
  "pool",
  "role",
  "subrole",
  "docker_stack",
  "core",
  "notes",
];

const NAME_COLUMNS = ["hostname", "host", "name"];
const ADDRESS_COLUMNS = ["ip_privee", "ip_privée", "ip_private", "private_ip"];
const ENV_COLUMNS = ["env", "environment", "environnement"];
const USER_COLUMNS = ["user_ssh", "ssh_user"];

/** Whether a row is a header: it names the column of host names. */
export function isHeader(cells: readonly string[]): boolean {
  return cells.some((cell) => NAME_COLUMNS.includes(cell.toLowerCase())) && cells.every((cell) => isIP(cell) === 0);
}

/** Columns from a header, or what is wrong with it. */
export function columnsFromHeader(
  cells: readonly string[],
): Columns | { readonly message: string; readonly wayOut: string } {
  const names = cells.map((cell) => cell.toLowerCase());
  const twice = names.find((name, index) => name !== "" && names.indexOf(name) !== index);
  if (twice !== undefined) {
    return { message: `names the column ${twice} twice`, wayOut: "give each column its own name" };
  }
  const at = (known: readonly string[]): number => names.findIndex((name) => known.includes(name));
  if (at(ADDRESS_COLUMNS) < 0) {
    const meant = names.find((name) => closest(name, ADDRESS_COLUMNS) !== undefined);
    return {
      message: `has no column IP_PRIVEE with the private addresses${meant === undefined ? "" : `, only ${meant}`}`,
      wayOut: "name that column IP_PRIVEE",
    };
  }
  return { names, name: at(NAME_COLUMNS), address: at(ADDRESS_COLUMNS), env: at(ENV_COLUMNS), user: at(USER_COLUMNS) };
}

/**
 * Columns from the shape of a row in a file without a header: today's layout has the host name in column 3 and the
 * private address in column 4, an older one has them in 2 and 3, and what comes behind is not known. Undefined for
 * neither.
 */
export function columnsFromShape(cells: readonly string[]): Columns | undefined {
  const [first = "", second = "", third = "", fourth = ""] = cells;
  if ((second === "" || isIP(second) !== 0) && isHostName(third) && isIP(fourth) !== 0) {
    return { names: CURRENT, name: 2, address: 3, env: 0, user: 5 };
  }
  if (isHostName(second) && isIP(third) !== 0) {
    return { names: [], name: 1, address: 2, env: isIP(first) === 0 && first !== "" ? 0 : -1, user: -1 };
  }
  return undefined;
}

function isHostName(cell: string): boolean {
  return isIP(cell) === 0 && /^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?$/.test(cell);
}
