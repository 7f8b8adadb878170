import { lineFault } from "./faults.ts";
import { refuseFaults } from "./refusal.ts";
import type { Finding } from "./refusal.ts";
import { verifierFault } from "./verifier.ts";

export interface PoolUser {
  readonly name: string;
  /** `SCRAM-SHA-256$...`, the very one that PostgreSQL has. */
  readonly verifier: string;
}

/**
 * userlist.txt (https://www.pgbouncer.org/config.html#authentication-file-format): one line a user, quotes doubled.
 *
 * PgBouncer logs in to PostgreSQL with the SCRAM keys it learns from the client's own login. That works only while the
 * verifier here and the one in PostgreSQL are identical (same salt and iterations, not merely the same password) and
 * the database's entry names no user. So both get the same stored verifier (F66).
 */
export function renderUserlist(users: readonly PoolUser[]): string {
  refuseFaults("userlist.txt", findings(users));
  const sorted = users.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return sorted.map(({ name, verifier }) => `${quoted(name)} ${quoted(verifier)}\n`).join("");
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function* findings(users: readonly PoolUser[]): Iterable<Finding> {
  const seen = new Set<string>();
  for (const [index, { name, verifier }] of users.entries()) {
    yield [`users[${index}].name`, seen.has(name) ? "is listed twice" : nameFault(name)];
    yield [`users[${index}].verifier`, verifierFault(verifier)];
    seen.add(name);
  }
}

/** What PostgreSQL takes as a role's name, on one line. */
function nameFault(name: string): string | undefined {
  if (name === "") return "is empty";
  return Buffer.byteLength(name) > 63 ? "is longer than 63 bytes" : lineFault(name);
}
