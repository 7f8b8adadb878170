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
  const match = /^(\d+)\.(\d+)/.exec(version ?? "");
  if (match === null) return false;
  const [, major = "0", minor = "0"] = match;
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 21);
}
