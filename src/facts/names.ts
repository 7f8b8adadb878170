import { isIP } from "node:net";
import { sh } from "../shell/command.ts";
import type { Fact } from "./fact.ts";

/** What a name means on a host. */
export interface NameFact {
  readonly name: string;
  /** What it leads to there, in no order; empty for nothing. */
  readonly addresses: readonly string[];
  /** What those addresses lead back to, where that was asked. */
  readonly namesOfThose: readonly string[];
  /** Lines of /etc/hosts that have the name, each after its number. */
  readonly hostsFile: string;
}

/**
 * What names mean on the host itself: /etc/hosts and DNS there decide where services bind and dial. `bothWays` are
 * those in lines of pg_hba.conf that a person wrote: PostgreSQL believes such a name only if the address leads back to
 * it. Literal addresses cost nothing.
 */
export function namesFact(addresses: readonly string[], bothWays: readonly string[] = []): Fact<readonly NameFact[]> {
  const names = [...new Set([...addresses, ...bothWays])].filter(
    (address) => isIP(address) === 0 && address.toLowerCase() !== "localhost",
  );
  if (names.length === 0) return { command: sh`true`, parse: () => [] };
  const command = sh`
r() {
  a=$(timeout 4 getent ahosts "$1" | cut -d ' ' -f 1 | sort -u | tr '\n' ' ')
  b=
  if [ "$3" = back ]; then
    b=$(for x in $a; do timeout 2 getent hosts "$x" | tr -s ' ' | cut -d ' ' -f 2; done | sort -u | tr '\n' ' ')
  fi
  f=$(grep -n -i -E -- "^[^#]*[[:space:]]$2([[:space:]]|$)" /etc/hosts | tr '\n\t' '; ')
  printf '%s\n%s\n%s\n%s\n' "$1" "$a" "$b" "$f"
}

l() { r "$1" "$(printf %s "$1" | sed 's/[.]/[.]/g')" "$2"; }

for n in ${names.filter((name) => !bothWays.includes(name))}; do l "$n" ""; done
for n in ${names.filter((name) => bothWays.includes(name))}; do l "$n" back; done`;
  return {
    command,
    parse: ({ stdout }) => {
      const lines = stdout.split("\n");
      return names.map((name) => {
        const at = lines.indexOf(name);
        const words = (line: number): readonly string[] =>
          at === -1 ? [] : (lines[at + line] ?? "").split(" ").filter((word) => word !== "");
        return {
          name,
          addresses: words(1),
          namesOfThose: words(2),
          hostsFile: at === -1 ? "" : (lines[at + 3] ?? "").replaceAll(/[\s;]+$/g, ""),
        };
      });
    },
  };
}
