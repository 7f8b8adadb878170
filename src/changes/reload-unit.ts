import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { aboutToRead, noteRead } from "./notes.ts";
import { reloadPgBouncer } from "./reload-pgbouncer.ts";
import type { PgBouncerProof } from "./reload-pgbouncer.ts";
import { askReload, orJournal, reloadUnitFiles, tellJournal } from "./systemd.ts";

export interface ReloadUnit {
  readonly kind: "reload-unit";
  readonly unit: string;
  /** Files that it is to read, which is noted once it has. */
  readonly reads: readonly string[];
  readonly proof?: ReloadProof;
}

/** How a reload is known to have taken. */
export type ReloadProof = HAProxyProof | PatroniProof | PgBouncerProof;

/** The running HAProxy shows this description. If not, `config` goes back. */
export interface HAProxyProof {
  readonly kind: "haproxy";
  readonly socket: string;
  readonly description: string;
  readonly config: string;
}

/**
 * When a reload has taken: Patroni loads its file in the next round of its loop, and until then shows the tag of the
 * last.
 */
export interface PatroniProof {
  readonly kind: "patroni";
  /** GET /patroni of the member. */
  readonly url: string;
  readonly tag: string;
  readonly value: string;
  /** How long that may take, in seconds. */
  readonly withinSeconds: number;
  /** When it has read the file for sure that shows that value already, in seconds. */
  readonly roundSeconds: number;
}

export const reloadUnit: HostChangeKind<ReloadUnit> = {
  kind: "reload-unit",
  describe: ({ unit }) => `reload ${unit}`,
  target: ({ unit }) => unit,
  action: "reload",
  event: "UnitReloaded",
  undoneBy: "service",
  command: (change) =>
    script([
      reloadUnitFiles(change.unit),
      aboutToRead(change.unit, change.reads),
      reload(change),
      noteRead(change.unit, change.reads),
    ]),
  deadlineMs: ({ proof }) =>
    120_000 + (proof?.kind === "patroni" ? Math.max(proof.withinSeconds, proof.roundSeconds) * 1000 : 0),
};

/**
 * Reloads a unit. HAProxy's master keeps its old workers when it cannot use the new configuration and says so only
 * in its log, so the running process is asked what it loaded; when that is not the new one within ten seconds, the
 * previous file goes back and the reload counts as refused (F48). Patroni only notes that it was told, and loads the
 * file up to loop_wait later; a look before that would find the old configuration and have it reloaded again.
 */
function reload({ unit, proof }: ReloadUnit): Command {
  const told = orJournal("reload", unit);
  if (proof === undefined) return told;
  if (proof.kind === "pgbouncer") return reloadPgBouncer(unit, proof);
  if (proof.kind === "patroni") {
    const failed =
      `Patroni still shows another ${proof.tag} after ${proof.withinSeconds} s: its loop hangs, or it ` +
      "refused the file";
    const shown = `"${proof.tag}": "${proof.value}"`;
    return script([
      sh`shown=; ! ${showsPatroni} ${proof.url} ${shown} || shown=yes`,
      told,
      // Nothing tells when it has read a file with the value that it shows already, but that its loop came round.
      sh`[ -z "$shown" ] || sleep ${proof.roundSeconds}`,
      sh`timeout ${proof.withinSeconds} sh -c ${ASK_PATRONI} ${proof.url} ${shown} || {
  ${tellJournal(unit)}
  echo ${failed} >&2
  exit 1
}`,
    ]);
  }
  const description = `description: ${proof.description}`;
  const previous = `${proof.config}.previous`;
  return script([
    // A worker that was there before has read what was there before.
    sh`ask() { perl -MIO::Socket::UNIX -e ${ASK_HAPROXY} ${proof.socket}; }
former=$(ask | grep '^Pid: ' || echo none)`,
    askReload(unit),
    sh`loaded() { said=$(ask) && printf '%s\n' "$said" | grep -qxF ${description} &&
  ! printf '%s\n' "$said" | grep -qxF "$former"; }`,
    sh`tries=0
until loaded; do
  tries=$((tries+1))
  if [ $tries -ge 100 ]; then
    ${tellJournal(unit)}
    if [ -f ${previous} ]; then cp -p ${previous} ${proof.config}; ${askReload(unit)}; fi
    echo 'the new configuration was refused; the previous one is back in place' >&2
    exit 1
  fi
  sleep 0.1
done`,
  ]);
}

/** Without --fail: the answer is 503 while PostgreSQL is down, with the tags all the same. */
const ASK_PATRONI = 'until curl -q -s -m 2 "$0" | grep -qF "$1"; do sleep 0.2; done';

const showsPatroni = sh`sh -c ${'curl -q -s -m 2 "$0" | grep -qF "$1"'}`;

const ASK_HAPROXY = 'my $s = IO::Socket::UNIX->new(Peer => shift) or exit 1; print $s "show info\\n"; print while <$s>';
