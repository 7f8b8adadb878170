import { sh } from "../shell/command.ts";
import { parseCsv } from "./csv.ts";
import type { Fact, FactOutput } from "./fact.ts";
import { hasProcesses } from "./systemd/control-group.ts";
import { mainPidOf } from "./systemd/main-pid.ts";
import { insideOf } from "../desired/container.ts";
import { findPsqlOf } from "../shell/psql.ts";
import type { PgBouncerFact } from "./types.ts";

/**
 * PgBouncer's admin console over its Unix socket, where the system user it runs as may enter as `pgbouncer` without a
 * password (https://www.pgbouncer.org/usage.html#admin-console), at whatever port it has now. SHOW STATE tells a global
 * PAUSE, where it exists (1.20). Who is let in is taken from the file, names alone: SHOW USERS goes on naming those who
 * are not. The lease names the process that pgha paused, which is not the one that runs where it was started since.
 */
export function pgbouncerFact({
  socketDirectory,
  userlist,
  lease,
  unit,
  former,
}: {
  readonly socketDirectory: string;
  readonly userlist: string;
  readonly lease: string;
  readonly unit: string;
  readonly former: { readonly unit: string; readonly note: string };
}): Fact<PgBouncerFact | undefined> {
  const command = sh`
s=$(find ${socketDirectory} -maxdepth 1 -type s -name '.s.PGSQL.*' -print -quit 2>/dev/null)
[ -S "$s" ] || exit 1
${findPsqlOf(insideOf(unit))}
timeout 4 $as "$psql" -X -q --csv -h ${socketDirectory} -p "\${s##*.}" -U pgbouncer -d pgbouncer \
  -c 'SHOW VERSION' -c '\echo @' -c 'SHOW CONFIG' -c '\echo @' -c 'SHOW DATABASES' -c '\echo @' -c 'SHOW STATE'
printf '@\nname\n'
[ ! -r ${userlist} ] || while IFS= read -r l; do
  case $l in '"'*'" "'*) printf '%s"\n' "\${l%%\" \"*}" ;; esac
done <${userlist}
printf '@\nleased\n'
if [ -s ${lease} ] && read -r pid l <${lease}; then
  [ "$pid" != "$(${mainPidOf(unit)})" ] || echo yes
fi
printf '@\nuntil,port,how\n'
if ${hasProcesses(former.unit)} && [ -r ${former.note} ] && read -r p u l h <${former.note}; then
  printf '%s,%s,%s\n' "$u" "$l" "$h"
fi
true`;
  return { command, parse };
}

function parse({ stdout }: FactOutput): PgBouncerFact | undefined {
  const [version, config, databases, state, users, lease, former] = stdout.split(/^@\n/m).map(parseCsv);
  const said = version?.[0]?.["version"];
  if (said === undefined || config === undefined || databases === undefined) {
    return undefined;
  }
  return {
    version: said.replace(/^PgBouncer /, ""),
    config: Object.fromEntries(config.map((row) => [row["key"] ?? "", row["value"] ?? ""])),
    fixed: Object.fromEntries(
      config.filter((row) => row["changeable"] === "no").map((row) => [row["key"] ?? "", row["default"] ?? ""]),
    ),
    databases: databases.flatMap(({ name }) => (name === undefined || name === "pgbouncer" ? [] : [name])),
    users: (users ?? []).flatMap(({ name }) => (name === undefined ? [] : [name])),
    ...(lease?.[0]?.["leased"] === "yes" ? { leased: true as const } : {}),
    paused:
      databases.some((row) => row["paused"] === "1") ||
      (state ?? []).some((row) => row["key"] === "paused" && row["value"] === "yes"),
    held: heldIn(databases, state ?? []),
    ...formerIn(former?.[0]),
  };
}

function formerIn(row: Readonly<Record<string, string>> | undefined): Pick<PgBouncerFact, "former"> {
  const number = (key: string): number => Number(/^\d{1,11}$/.exec(row?.[key] ?? "")?.[0] ?? NaN);
  const [until, port] = [number("until"), number("port")];
  return Number.isNaN(until + port) ? {} : { former: { port, until, listens: row?.["how"] === "listens" } };
}

/** The console's own database cannot be stopped and is never listed as such. */
function heldIn(
  databases: readonly Readonly<Record<string, string>>[],
  state: readonly Readonly<Record<string, string>>[],
): NonNullable<PgBouncerFact["held"]> {
  const all = (["paused", "suspended"] as const)
    .filter((how) => state.some((row) => row["key"] === how && row["value"] === "yes"))
    .map((how) => ({ how }));
  if (all.length > 0) return all;
  return (["paused", "disabled"] as const).flatMap((how) =>
    databases.filter((row) => row[how] === "1").map((row) => ({ how, database: row["name"] ?? "?" })),
  );
}
