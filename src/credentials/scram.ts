import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { preparePassword } from "./saslprep.ts";
import { sensitive } from "./sensitive.ts";
import type { Sensitive } from "./sensitive.ts";

/** What a SCRAM-SHA-256 verifier holds (RFC 5803). Enough to check a password, not enough to log in with. */
export interface ScramVerifier {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** As PostgreSQL's scram_iterations. */
export const DEFAULT_ITERATIONS = 4096;

/** More would let a hand-made verifier stop pgha for minutes. */
const MOST_ITERATIONS = 1_000_000;

/**
 * A verifier as PostgreSQL stores it in pg_authid and PgBouncer reads it from its userlist:
 * `SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>`
 * (https://www.postgresql.org/docs/current/catalog-pg-authid.html). Made anew it has a new salt, so it is made once
 * and kept (F66).
 */
export function makeVerifier(
  password: Sensitive,
  salt: Buffer = randomBytes(16),
  iterations: number = DEFAULT_ITERATIONS,
): Sensitive {
  const { storedKey, serverKey } = deriveKeys(password, salt, iterations);
  const keys = `${storedKey.toString("base64")}:${serverKey.toString("base64")}`;
  const verifier = sensitive(`SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${keys}`);
  remember(pairOf(verifier, password), true);
  return verifier;
}

/** Whether this verifier was made from this password. False, too, for a text that is no verifier (F67). */
export function verifierMatches(verifier: Sensitive, password: Sensitive): boolean {
  const pair = pairOf(verifier, password);
  const known = answers.get(pair);
  if (known !== undefined) {
    return known;
  }
  const parsed = parseVerifier(verifier);
  if (parsed === undefined) {
    return false;
  }
  const { storedKey, serverKey } = deriveKeys(password, parsed.salt, parsed.iterations);
  const matches = timingSafeEqual(storedKey, parsed.storedKey) && timingSafeEqual(serverKey, parsed.serverKey);
  remember(pair, matches);
  return matches;
}

function pairOf(verifier: Sensitive, password: Sensitive): string {
  return createHash("sha256")
    .update(JSON.stringify([verifier.reveal(), password.reveal()]))
    .digest("base64");
}

function remember(pair: string, matches: boolean): void {
  if (answers.size >= MOST_ANSWERS) {
    answers.clear();
  }
  answers.set(pair, matches);
}

/**
 * Answers by digest of the pair: every pass asks the same question about every Secret, and thousands of hash rounds
 * each are most of the CPU of a pass that finds nothing to do.
 */
const answers = new Map<string, boolean>();
const MOST_ANSWERS = 10_000;

/** The parts of a verifier, or undefined for anything that PostgreSQL or PgBouncer would not take as one. */
export function parseVerifier(verifier: Sensitive): ScramVerifier | undefined {
  const match =
    /^SCRAM-SHA-256\$([1-9]\d{0,6}):([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)$/.exec(
      verifier.reveal(),
    );
  if (match === null) {
    return undefined;
  }
  const [, iterations = "", salt = "", storedKey = "", serverKey = ""] = match;
  const parsed = {
    iterations: Number(iterations),
    salt: Buffer.from(salt, "base64"),
    storedKey: Buffer.from(storedKey, "base64"),
    serverKey: Buffer.from(serverKey, "base64"),
  };
  const isCanonical = parsed.salt.toString("base64") === salt;
  return isCanonical && parsed.iterations <= MOST_ITERATIONS ? parsed : undefined;
}

/** RFC 5802, section 3. */
function deriveKeys(
  password: Sensitive,
  salt: Buffer,
  iterations: number,
): { readonly storedKey: Buffer; readonly serverKey: Buffer } {
  const salted = pbkdf2Sync(preparePassword(password.reveal()), salt, iterations, 32, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  return {
    storedKey: createHash("sha256").update(clientKey).digest(),
    serverKey: createHmac("sha256", salted).update("Server Key").digest(),
  };
}
