import { coversLine, overlapsLine } from "./covers.ts";
import type { HbaLine } from "./line.ts";
import { keyOfLine } from "./rule.ts";

/** Clients that get in less easily by the lines of after than by those of before. */
export type Narrowed =
  /** Nobody lets them in any more, `beside` those that other lines do. */
  | { readonly kind: "refused"; readonly whom: HbaLine; readonly beside: readonly HbaLine[] }
  /** They have to prove themselves as `by` asks, where `before` did. */
  | { readonly kind: "asked"; readonly whom: HbaLine; readonly before: HbaLine; readonly by: HbaLine };

/**
 * Whom the lines of after refuse, or ask for more, that those of before let in. The first line that matches decides, so
 * each line that lets in is followed to those that are for its clients afterwards.
 */
export function narrowed(before: readonly HbaLine[], after: readonly HbaLine[]): readonly Narrowed[] {
  return before.flatMap((line, index) => {
    const earlier = before.slice(0, index);
    return line.method === "reject" || earlier.some((other) => coversLine(other, line))
      ? []
      : fateOf(line, earlier, after);
  });
}

function fateOf(line: HbaLine, earlier: readonly HbaLine[], after: readonly HbaLine[]): readonly Narrowed[] {
  const key = keyOfLine(line);
  const keysBefore = new Set(earlier.map(keyOfLine));
  const found: Narrowed[] = [];
  for (const [index, other] of after.entries()) {
    const first = after.slice(0, index);
    if (keyOfLine(other) === key) return found;
    if (!overlapsLine(other, line) || first.some((one) => coversLine(one, other))) continue;
    // What stood before the line already decides as it did.
    if (keysBefore.has(keyOfLine(other))) continue;
    const isAll = coversLine(other, line);
    const whom = isAll ? line : other;
    if (other.method === "reject") found.push({ kind: "refused", whom, beside: lettingIn(first, whom) });
    else if (isHarder(other, line)) found.push({ kind: "asked", whom, before: line, by: other });
    if (isAll) return found;
  }
  return [...found, { kind: "refused", whom: line, beside: lettingIn(after, line) }];
}

function lettingIn(lines: readonly HbaLine[], whom: HbaLine): readonly HbaLine[] {
  return lines.filter((line) => line.method !== "reject" && overlapsLine(line, whom));
}

/**
 * Whether a client that one line lets in may fail at the other. Passwords are kept as SCRAM verifiers, which all three
 * take.
 */
function isHarder(now: HbaLine, before: HbaLine): boolean {
  if (now.options.has("clientcert") && before.method !== "cert" && !before.options.has("clientcert")) return true;
  if (now.method === "trust") return false;
  const areAlike = now.method === before.method || (PASSWORDS.has(now.method) && PASSWORDS.has(before.method));
  return !areAlike || optionsOf(now) !== optionsOf(before);
}

const PASSWORDS: ReadonlySet<string> = new Set(["scram-sha-256", "md5", "password"]);

/** Those that say who gets in, as PostgreSQL shows them; a certificate beside is looked at by itself. */
function optionsOf({ method, options }: HbaLine): string {
  const others = new Map([...options].filter(([name]) => name !== "clientcert"));
  return keyOfLine({ ...WHOEVER, method: PASSWORDS.has(method) ? "password" : method, options: others });
}

const WHOEVER = { type: "host", databases: [], users: [], address: undefined } as const;
