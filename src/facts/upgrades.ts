import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";

/** What a host could have newer, by package. */
export interface UpgradesFact {
  /** What apt would install in place of what is there; of a package that stays at one version, that one. */
  readonly newer: Readonly<Record<string, string>>;
  /** Packages that are not at the version they are to stay at: they are past it, or no source of the host has it. */
  readonly unmet: Readonly<Record<string, "past" | "missing">>;
}

/** Where what apt said is kept, since it changes seldom: beside the host's locks, gone with its power. */
const SAID = "/run/pgha/upgrades";

/** apt-cache takes a tenth of a second, or a few under load. */
const LOCK_SECONDS = 10;

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
 * file in it comes or goes, which is how apt writes lists. Where a version is declared (`versions`), the look that is
 * the first to ask does wait: what is declared and not so is never passed over.
 */
export function upgradesFact(
  names: readonly string[],
  versions: Readonly<Record<string, string>> = {},
): Fact<UpgradesFact> {
  if (names.length === 0) return { command: sh`true`, parse: () => NOTHING };
  const declared = names.flatMap((name) => (versions[name] === undefined ? [] : [`${name}=${versions[name]}`]));
  const file = `${SAID}.${[...names, ...declared].join(",")}`;
  // Where nobody waits for it, a later look asks if apt is asked something else just now.
  const alone = declared.length === 0 ? sh`flock -n 7 || exit 0` : sh`flock -w ${LOCK_SECONDS} 7 || exit 1`;
  const ask = sh`umask 077; mkdir -p /run/pgha; exec 7>>${SAID}.lock; ${alone}
over() {
  [ -n "$w" ] && [ "$i" != "(none)" ] && [ "$i" != "$w" ] || return 0
  if dpkg --compare-versions "$i" gt "$w"; then printf '%s past\n' "$n"
  elif [ -n "$k" ]; then printf '%s newer %s\n' "$n" "$w"
  else printf '%s missing\n' "$n"; fi
}
w=
{ LC_ALL=C nice -n 19 apt-cache policy ${names}; echo 'end:'; } | while read -r a b _; do
  case $a in
    Installed:) i=$b ;;
    Candidate:)
      [ "$i" = "(none)" ] || [ -n "$w" ] || ! dpkg --compare-versions "$b" gt "$i" ||
        printf '%s newer %s\n' "$n" "$b" ;;
    Version) ;;
    *:)
      over; n=\${a%:} w= k=
      for d in ${declared}; do [ "\${d%%=*}" != "$n" ] || w=\${d#*=}; done ;;
    "$w") k=yes ;;
    '***') [ "$b" != "$w" ] || k=yes ;;
  esac
done >${`${file}.new`} && mv ${`${file}.new`} ${file}`;
  const apart = sh`setsid sh -c ${ask.script} </dev/null >/dev/null 2>&1 8>&- 9>&- &`;
  const run = declared.length === 0 ? apart : sh`( ${ask} ) </dev/null >/dev/null 2>&1 || echo unasked`;
  return {
    command: sh`f=${file}; ok=yes
for d in ${DECIDES}; do [ ! -e "$d" ] || [ "$f" -nt "$d" ] || ok=; done
if [ -z "$ok" ]; then
  ${run}
fi
[ ! -r "$f" ] || while read -r l; do printf '%s\n' "$l"; done <"$f"`,
    parse,
  };
}

const NOTHING: UpgradesFact = { newer: {}, unmet: {} };

function parse({ stdout }: FactOutput): UpgradesFact {
  if (/^unasked$/m.test(stdout)) throw new Error("apt did not say in time which versions of packages there are");
  const lines = stdout.split("\n").map((line) => line.split(" "));
  return {
    newer: Object.fromEntries(
      lines.flatMap(([name = "", what, version = ""]) => (what === "newer" && version !== "" ? [[name, version]] : [])),
    ),
    unmet: Object.fromEntries(
      lines.flatMap(([name = "", what]) => (what === "past" || what === "missing" ? [[name, what] as const] : [])),
    ),
  };
}
