import type { Fault } from "./refusal.ts";

/**
 * A SCRAM-SHA-256 verifier (RFC 5803) as PostgreSQL keeps it in pg_authid. Anything else in its place, PostgreSQL would
 * take for a password in the clear and hash, and PgBouncer would compare as one.
 */
export function verifierFault(value: string): Fault {
  return /^SCRAM-SHA-256\$[1-9]\d{0,9}:[A-Za-z0-9+/]+={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/.test(value)
    ? undefined
    : "is not a SCRAM-SHA-256 verifier";
}
