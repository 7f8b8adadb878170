import { sh, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { masked } from "../shell/masking.ts";
import { isSecret, secret } from "../shell/secret.ts";
import type { Secret } from "../shell/secret.ts";
import type { Fact, FactOutput } from "./fact.ts";
import { defined } from "./narrow.ts";
import { insideOf } from "../desired/container.ts";
import { PGBOUNCER } from "../desired/services.ts";
import { findPsqlOf } from "../shell/psql.ts";
import type { LoginFact } from "./types.ts";

export interface LoginsQuestion {
  readonly pooler: Endpoint;
  /** HAProxy's write port, behind the pooler. */
  readonly direct?: Endpoint;
  /** HAProxy's read port; absent where there is no replica to read from. */
  readonly read?: Endpoint;
  readonly logins: readonly { readonly role: string; readonly database: string; readonly password: Secret | string }[];
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * What a client would see (case F65): every role logs in through the pooler and writes; the first role also reads
 * through the read port, which must end on a replica, and is refused with a wrong password. All at once, 5 s each.
 *
 * The pooler may let a client in by a verifier of its own and hand it a server connection that was opened long ago. So
 * the same process goes on to PostgreSQL itself with the same password, which tells whether that one knows it
 * (`direct`).
 */
export function loginsFact(question: LoginsQuestion): Fact<readonly LoginFact[]> {
  const attempts = attemptsOf(question);
  const command = sh`
${findPsqlOf(insideOf(PGBOUNCER.unit))}
export PGCONNECT_TIMEOUT=5
a() {
  n=$1 h=$2 p=$3 u=$4 d=$5 c=$6
  shift 6
  o=$(timeout 5 $within "$psql" -X -A -t -q -w -v ON_ERROR_STOP=1 -h "$h" -p "$p" -U "$u" -d "$d" -c "$c" "$@" 2>&1)
  printf '%s %s %s\0' "$n" "$?" "$o"
}
${attempts
  .map((attempt, number) => attemptScript(attempt, number, question.direct))
  .reduce(
    (before, next) => sh`${before}
${next}`,
    sh`true`,
  )}
wait`;
  return {
    command: withStdin(
      command,
      secret(attempts.map(({ password }) => `${escaped(password)}\n`).join("")),
      question.logins.map(({ password }) => password),
    ),
    parse: (output) => parse(output, attempts),
  };
}

interface Attempt {
  readonly purpose: Exclude<LoginFact["purpose"], "direct">;
  readonly role: string;
  readonly database: string;
  readonly endpoint: Endpoint;
  readonly password: string;
}

const WRONG_PASSWORD = "pgha knocks with a wrong password";

function attemptsOf({ logins, pooler, read }: LoginsQuestion): readonly Attempt[] {
  const known = logins.map(({ role, database, password }) => ({
    role,
    database,
    password: isSecret(password) ? password.reveal() : password,
  }));
  return [
    ...known.map((login): Attempt => ({ ...login, purpose: "write", endpoint: pooler })),
    ...known
      .slice(0, 1)
      .flatMap((login): readonly Attempt[] => [
        ...(read === undefined ? [] : [{ ...login, purpose: "read" as const, endpoint: read }]),
        { ...login, purpose: "wrong-password", endpoint: pooler, password: WRONG_PASSWORD },
      ]),
  ];
}

/**
 * The password is one line of standard input, written so that printf's %b gives it back, and becomes an environment
 * variable of psql only.
 */
function attemptScript(
  { purpose, role, database, endpoint }: Attempt,
  number: number,
  direct: Endpoint | undefined,
): Command {
  const onward =
    purpose === "write" && direct !== undefined
      ? ["-c", `\\echo ${BEHIND}`, "-c", `\\connect - - ${direct.address} ${direct.port}`, "-c", WHERE]
      : [];
  const words = [number, endpoint.address, endpoint.port, role, database, queries[purpose], ...onward];
  return sh`IFS= read -r s; s=$(printf '%b.' "$s"); { export PGPASSWORD="\${s%.}"; a ${words}; } </dev/null &`;
}

/** Stands in the output between what the pooler led to and what lies behind it. */
const BEHIND = "@behind";
const WHERE = "SELECT pg_is_in_recovery(), inet_server_addr()";
/** In one simple query, so a transaction pooler keeps it on one server. A standby refuses even a temporary table. */
export const WRITE =
  "BEGIN; CREATE TEMP TABLE pgha_probe (n int) ON COMMIT DROP; INSERT INTO pgha_probe VALUES (1); " +
  `${WHERE}; COMMIT`;
const queries: Readonly<Record<Attempt["purpose"], string>> = { write: WRITE, read: WHERE, "wrong-password": WHERE };

function escaped(password: string): string {
  if (password.includes("\0")) {
    throw new TypeError("a password cannot hold a NUL character");
  }
  return password.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function parse({ stdout }: FactOutput, attempts: readonly Attempt[]): readonly LoginFact[] {
  const results = new Map<number, { code: number; said: string }>();
  for (const result of stdout.split("\0")) {
    const [, number, code, said = ""] = /^([0-9]+) ([0-9]+) (.*)$/s.exec(result) ?? [];
    if (number !== undefined) {
      results.set(Number(number), { code: Number(code), said: said.replaceAll(/\s+/g, " ").trim() });
    }
  }
  return attempts.flatMap((attempt, number): readonly LoginFact[] => {
    const { code, said } = results.get(number) ?? { code: 124, said: "" };
    const [first = "", behind] = said.split(new RegExp(`(?:^| )${BEHIND}(?: |$)`));
    if (behind === undefined) return [loginFact(attempt, { code, said })];
    return [loginFact(attempt, { code: 0, said: first }), ...directFact(attempt, code, behind)];
  });
}

/** Nothing where PostgreSQL did not get as far as the password: it may be full, and serve the pooler all the same. */
function directFact({ role, database, password }: Attempt, code: number, said: string): readonly LoginFact[] {
  const login = { role, database, purpose: "direct" } as const;
  if (code === 0) return [{ ...login, ok: true }];
  return REFUSED.test(said) ? [{ ...login, ok: false, refused: true, error: masked(said, [password]) }] : [];
}

function loginFact(attempt: Attempt, { code, said }: { readonly code: number; readonly said: string }): LoginFact {
  const { purpose, role, database } = attempt;
  const [, recovery, serverAddress] = /(?:^| )([tf])\|(\S*)$/.exec(said) ?? [];
  const inRecovery = recovery === undefined ? undefined : recovery === "t";
  const landed = code === 0 && inRecovery !== undefined;
  const ok =
    purpose === "wrong-password" ? code !== 0 && REFUSED.test(said) : landed && inRecovery === (purpose === "read");
  return defined({
    role,
    database,
    purpose,
    ok,
    inRecovery,
    serverAddress: serverAddress === "" ? undefined : serverAddress,
    refused: !ok && !landed && purpose !== "wrong-password" && ABOUT_THIS_ROLE.test(said) ? true : undefined,
    error: ok ? undefined : whatWentWrong(attempt, code, said, landed),
  });
}

/** How PgBouncer and PostgreSQL say that the password, and nothing else, is wrong. */
const REFUSED = /password authentication failed|SASL authentication failed/;
/** How they refuse one role or one database. */
const ABOUT_THIS_ROLE = new RegExp(
  [
    "(?:password|SASL) authentication failed",
    'role "[^"]*" (?:does not exist|is not permitted to log in)',
    "no such user",
    'database "[^"]*" does not exist',
    "no such database",
    "permission denied for database",
    "too many connections for (?:role|database)",
  ].join("|"),
);

function whatWentWrong({ purpose, endpoint, password }: Attempt, code: number, said: string, landed: boolean): string {
  const place = `${endpoint.address}:${endpoint.port}`;
  if (code === 124) {
    return `${place} did not answer within 5 s`;
  }
  if (purpose === "wrong-password") {
    return code === 0
      ? `${place} let a wrong password in`
      : `${place} refused a wrong password, but for another reason: ${masked(said, [password])}`;
  }
  if (landed) {
    return `${place} led to a ${purpose === "read" ? "primary" : "replica"}`;
  }
  return masked(said, [password]) || `psql failed with exit code ${code}`;
}
