import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";

/** Where what apt said is kept, since it changes seldom: beside the host's locks, gone with its power. */
const SAID = "/run/pgha/upgrades";

/** What decides about it: lists that were fetched, packages that were installed, sources and preferences. */
const DECIDES = [
  "/var/lib/apt/lists",
  "/var/lib/dpkg/status",
  "/etc/apt",
  "/etc/apt/sources.list",
  "/etc/apt/sources.list.d",
  "/etc/apt/preferences",
  "/etc/apt/preferences.d",
];

/**
 * Versions that apt would install in place of those that are there, by package; by the lists as they are, since a look
 * fetches nothing. apt-cache reads all of its lists, a tenth of a second of CPU: it is asked again only once something
 * changed that decides about it, and no look waits for that: the next one has what it says. A directory changes when a
 * file in it comes or goes, which is how apt writes lists.
 */
export function upgradesFact(names: readonly string[]): Fact<Readonly<Record<string, string>>> {
  if (names.length === 0) return { command: sh`true`, parse: () => ({}) };
  const file = `${SAID}.${names.join(",")}`;
  const ask = sh`umask 077; mkdir -p /run/pgha; exec 7>>${SAID}.lock; flock -n 7 || exit 0
LC_ALL=C nice -n 19 apt-cache policy ${names} | while read -r a b _; do
  case $a in
    Installed:) i=$b ;;
    Candidate:) [ "$i" = "(none)" ] || ! dpkg --compare-versions "$b" gt "$i" || printf '%s %s\n' "$n" "$b" ;;
    *:) n=\${a%:} ;;
  esac
done >${`${file}.new`} && mv ${`${file}.new`} ${file}`;
  return {
    command: sh`f=${file}; ok=yes
for d in ${DECIDES}; do [ ! -e "$d" ] || [ "$f" -nt "$d" ] || ok=; done
[ -n "$ok" ] || setsid sh -c ${ask.script} </dev/null >/dev/null 2>&1 8>&- 9>&- &
[ ! -r "$f" ] || while read -r n v; do printf '%s %s\n' "$n" "$v"; done <"$f"`,
    parse,
  };
}

function parse({ stdout }: FactOutput): Readonly<Record<string, string>> {
  const lines = stdout.split("\n").flatMap((line) => {
    const [name = "", version = "", ...more] = line.split(" ");
    return name === "" || version === "" || more.length > 0 ? [] : [[name, version] as const];
  });
  return Object.fromEntries(lines);
}
