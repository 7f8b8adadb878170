/**
 * The PgBouncer that a release of Debian or Ubuntu ships, for the time before one is installed. Undefined for a
 * release that is not known here.
 */
export function shippedPgBouncer(codename: string): string | undefined {
  return SHIPPED.get(codename);
}

const SHIPPED: ReadonlyMap<string, string> = new Map([
  ["bullseye", "1.15"],
  ["bookworm", "1.18"],
  ["trixie", "1.24"],
  ["jammy", "1.16"],
  ["noble", "1.22"],
]);

/**
 * Whether this PgBouncer knows max_prepared_statements (1.21: https://www.pgbouncer.org/changelog.html). An older one
 * does not start with a setting it does not know, and protocol-level prepared statements fail there with transaction
 * pooling. Nothing is assumed of an unknown version.
 */
export function supportsPreparedStatements(version: string | undefined): boolean {
  return isAtLeast(version ?? "", 21);
}

/** The second number of a version; 0 where there is none. */
export function minorOf(version: string): number {
  return Number(/^\d+\.(\d+)/.exec(version)?.[1] ?? 0);
}

/**
 * Whether a version, as a package or the program has it, is PgBouncer 1.`minor` or newer; false for what is no version.
 */
export function isAtLeast(version: string, minor: number): boolean {
  const [, first = "0", second = "0"] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(first) > 1 || (Number(first) === 1 && Number(second) >= minor);
}
