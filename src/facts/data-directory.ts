import { insideOf } from "../desired/container.ts";
import { PATRONI } from "../desired/services.ts";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";
import { asRecord, defined, parseJson } from "./narrow.ts";
import type { DataDirectoryFact, WalPosition } from "./types.ts";

/** PGDATA: what is in it, and what its control file says (pg_controldata of the major version that made it). */
export function dataDirectoryFact(question: {
  readonly path: string;
  readonly version: number;
  /** Of a member that is to run in containers: the image to ask where nobody else can be. */
  readonly image?: string;
}): Fact<DataDirectoryFact> {
  const command = sh`
p=${question.path}
if [ ! -e "$p" ] && [ ! -h "$p" ]; then echo absent; exit 0; fi
if ! cd -- "$p"; then echo other; exit 0; fi
echo directory
v=; if [ -s PG_VERSION ]; then IFS= read -r v <PG_VERSION; fi
if [ -s global/pg_control ]; then c=yes; else c=no; fi
printf '%s %s\n' "$c" "$v"
n=0; for e in * .[!.]* ..?*; do
  if [ -e "$e" ] || [ -h "$e" ]; then printf '%s\0' "$e"; n=$((n + 1)); fi
  if [ $n -ge ${ENTRIES_READ} ]; then break; fi
done
printf '\n'
if [ $c = yes ]; then
  case $v in ''|*[!0-9]*) v=${question.version} ;; esac
  ${controlData(question)}
fi
if [ -s postmaster.pid ]; then
  { IFS= read -r a; IFS= read -r b; IFS= read -r b; } <postmaster.pid
  printf 'Postmaster: %s %s\n' "$a" "$b"
  ${isReplaced}
fi
[ ! -s PG_VERSION ] || stat -c ${`Copy: ${COPY}`} PG_VERSION
if [ ! -e standby.signal ]; then
  for h in pg_wal/????????.history; do :; done
  [ ! -s "$h" ] || cat "$h"
fi
for l in pg_wal pg_tblspc/*; do if [ -h "$l" ]; then printf 'Link: %s\n' "$(readlink -f -- "$l")"; fi; done
if [ -s ${TAKEN} ]; then IFS= read -r a <${TAKEN} || true; printf 'Taken: %s\n' "$a"; fi
true`;
  return { command, parse };
}

/** What is in a container stays as it is for as long as that lives. */
const isReplaced = sh`[ -r ${insideOf(PATRONI.unit)} ] || [ ! -e "/proc/$a/exe" ] ||
    [ "/proc/$a/exe" -ef "/usr/lib/postgresql/$v/bin/postgres" ] || echo 'Program: replaced'`;

/**
 * pg_controldata of the container that runs there, or of the host, or of the image in a container that goes when it
 * ends. Where none can be had, the identifier is read by itself: in every version it is what the file begins with
 * (src/include/catalog/pg_control.h). Whose data that is must be known, whatever Docker does.
 */
function controlData({ path, image }: { readonly path: string; readonly image?: string }): Command {
  return sh`s= bin=/usr/lib/postgresql/$v/bin
if [ -r ${insideOf(PATRONI.unit)} ] && read -r a b <${insideOf(PATRONI.unit)} && [ -d "/proc/$a/root/" ]; then
  s=$(PATH=$bin:$PATH nsenter -t "$a" -m -- pg_controldata -D ${path})
elif [ -x "$bin/pg_controldata" ]; then
  s=$("$bin/pg_controldata" -D .)
${image === undefined ? sh`fi` : inImage(path, image)}
case $s in
*'Database system identifier:'*) printf '%s\n' "$s" ;;
${image === undefined ? sh`` : identifierAlone}
esac`;
}

const identifierAlone = sh`*) printf 'Database system identifier: %s\n' $(od -An -t u8 -N 8 global/pg_control) ;;`;

function inImage(path: string, image: string): Command {
  return sh`elif docker image inspect --format . ${image} >/dev/null; then
  s=$(timeout 5 docker run --rm --pull never --network none --userns host --log-driver none --no-healthcheck \
    --user "$(stat -c %u:%g .)" --cap-drop ALL --security-opt no-new-privileges --read-only \
    --mount type=bind,source=${path},target=${path},readonly --entrypoint sh ${image} \
    -c ${'PATH=/usr/lib/postgresql/$1/bin:$PATH pg_controldata -D "$2"'} - "$v" ${path} </dev/null)
fi`;
}

/**
 * Settings of which a standby must have at least what the leader has, with their names in pg_controldata:
 * https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN
 */
const AT_LEAST_THE_LEADERS: Readonly<Record<string, string>> = {
  max_connections: "max_connections setting",
  max_locks_per_transaction: "max_locks_per_xact setting",
  max_prepared_transactions: "max_prepared_xacts setting",
  max_wal_senders: "max_wal_senders setting",
  max_worker_processes: "max_worker_processes setting",
};

/**
 * Inode and time of its last change of a file that is written once: whoever copies the data anew makes another file,
 * and that time cannot be set.
 */
export const COPY = "%i.%.9Z";

/** Patroni writes it once it goes by a dynamic configuration, on one line. */
const TAKEN = "patroni.dynamic.json";

const ENTRIES_READ = 2000;
const ENTRIES_SHOWN = 100;

function parse({ exitCode, stdout }: FactOutput): DataDirectoryFact {
  const [kind, ...rest] = stdout.split("\n");
  if (kind === "absent") {
    return { class: "absent", entries: [] };
  }
  if (kind === "other") {
    return { class: "noise", entries: ["(not a directory that can be entered)"] };
  }
  if (kind !== "directory" || exitCode !== 0) {
    throw new Error("the data directory cannot be read");
  }
  const [hasControlFile, version = ""] = (rest[0] ?? "").split(" ");
  const body = stdout.slice(kind.length + (rest[0] ?? "").length + 2);
  const listEnd = body.lastIndexOf("\0") + 1;
  const entries = body.slice(0, listEnd).split("\0").slice(0, -1).toSorted();
  const control = body.slice(listEnd);
  const said = (label: string): string | undefined => new RegExp(`^${label}: +(.*)$`, "m").exec(control)?.[1]?.trim();
  const timeline = said("Latest checkpoint's TimeLineID");
  const links = [...control.matchAll(/^Link: (.*)$/gm)].map(([, target = ""]) => target);
  const atLeast = Object.entries(AT_LEAST_THE_LEADERS).flatMap(([name, label]) => {
    const value = said(label);
    return value === undefined ? [] : [[name, Number(value)] as const];
  });
  return defined({
    class: classify(entries, { version: version !== "", control: hasControlFile === "yes" }),
    entries: entries.slice(0, ENTRIES_SHOWN),
    majorVersion: /^[0-9]+$/.test(version) ? Number(version) : undefined,
    systemId: said("Database system identifier"),
    timeline: timeline === undefined ? undefined : Number(timeline),
    clusterState: said("Database cluster state"),
    atLeast: atLeast.length === 0 ? undefined : Object.fromEntries(atLeast),
    postmaster: said("Postmaster"),
    isReplaced: said("Program") === "replaced" ? true : undefined,
    copy: said("Copy"),
    end: endIn(said),
    checkpoint: checkpointIn(said),
    history: historyIn(control),
    links: links.length === 0 ? undefined : links,
    taken: asRecord(parseJson(said("Taken") ?? "")),
  });
}

/** Of a standby what it replayed, of who led the last checkpoint. Later records are not in. */
function endIn(said: (label: string) => string | undefined): WalPosition | undefined {
  const recovered = positionOf(said("Min recovery ending loc's timeline"), said("Minimum recovery ending location"));
  return recovered === undefined || recovered.bytes === 0 ? checkpointIn(said) : recovered;
}

function checkpointIn(said: (label: string) => string | undefined): WalPosition | undefined {
  return positionOf(said("Latest checkpoint's TimeLineID"), said("Latest checkpoint location"));
}

/** Lines of the newest timeline's history file: https://www.postgresql.org/docs/current/continuous-archiving.html */
function historyIn(text: string): readonly WalPosition[] | undefined {
  const lines = [...text.matchAll(/^(\d+)\t([0-9A-F]+\/[0-9A-F]+)\t/gm)];
  return lines.length === 0 ? undefined : lines.flatMap(([, timeline, bytes]) => positionOf(timeline, bytes) ?? []);
}

function positionOf(timeline: string | undefined, location: string | undefined): WalPosition | undefined {
  const [, high, low] = /^([0-9A-F]+)\/([0-9A-F]+)$/.exec(location ?? "") ?? [];
  if (timeline === undefined || high === undefined || low === undefined) return undefined;
  return { timeline: Number(timeline), bytes: Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16) };
}

function classify(
  entries: readonly string[],
  has: { readonly version: boolean; readonly control: boolean },
): DataDirectoryFact["class"] {
  if (entries.length === 0) {
    return "empty";
  }
  if (has.version && has.control) {
    return "valid";
  }
  return entries.some(isPostgreSQLs) ? "partial" : "noise";
}

/**
 * Names only PostgreSQL itself makes in a data directory (manual, "Database File Layout"). Configuration files do not
 * count: tools and people put those there beforehand.
 */
function isPostgreSQLs(entry: string): boolean {
  const own = [
    "PG_VERSION",
    "base",
    "global",
    "postmaster.pid",
    "postmaster.opts",
    "backup_label",
    "backup_manifest",
    "tablespace_map",
    "current_logfiles",
  ];
  return own.includes(entry) || (entry.startsWith("pg_") && !/^pg_(hba|ident)\.conf/.test(entry) && entry !== "pg_log");
}
