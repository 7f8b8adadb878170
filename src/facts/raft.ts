import type { Secret } from "../shell/secret.ts";
import { sh, withStdin } from "../shell/command.ts";
import { processesOf } from "./control-group.ts";
import type { Fact, FactOutput } from "./fact.ts";
import { httpGets } from "./http-get.ts";
import { asBoolean, asNumber, asRecord, asString, defined, parseJson } from "./narrow.ts";
import type { RaftFact } from "./types.ts";

export interface RaftQuestion {
  readonly directory: string;
  readonly address: string;
  readonly port: number;
  readonly password: Secret | string;
  readonly patroniPort: number;
}

/**
 * The RAFT node on the host. Its own status is asked only while Patroni runs but is not plainly healthy, since Python,
 * its cryptography and 100,000 rounds of PBKDF2 cost more than all other facts together. The password goes in on
 * standard input; syncobj_admin would want it as an argument. Patroni 3.0
 * does not tell whether a replica streams, so PostgreSQL's process title has to.
 */
export function raftFact(question: RaftQuestion): Fact<RaftFact> {
  const node = question.address.includes(":")
    ? `[${question.address}]:${question.port}`
    : `${question.address}:${question.port}`;
  const command = sh`
if cd -- ${question.directory}; then
  for f in * .[!.]*; do if [ -f "$f" ]; then printf 'file %s\n' "$f"; fi; done
fi
cd /
p=; l=; set --
for q in ${processesOf("patroni.service")}; do
  IFS= read -r c <"/proc/$q/comm"
  if [ "$c" = patroni ]; then p=$q; fi
  if [ "$c" = postgres ]; then set -- "$@" "/proc/$q/cmdline"; fi
done
if [ -n "$p" ]; then
  IFS='
'
  for w in $(grep -a -z -E '^(PYTHONPATH|PGHA_START)=' "/proc/$p/environ" | tr '\0' '\n'); do
    case $w in PYTHONPATH=*) l=$w ;; PGHA_START=*) printf 'start %s\n' "\${w#PGHA_START=}" ;; esac
  done
  unset IFS
else
  for w in $(systemctl show --property Environment -- patroni.service); do
    case $w in Environment=PYTHONPATH=*|PYTHONPATH=*) l=\${w#Environment=} ;; esac
  done
fi
l=\${l#PYTHONPATH=}
IFS=:
for x in $l /usr/local/lib/python3*/dist-packages /usr/lib/python3/dist-packages; do
  if [ -f "$x/pysyncobj/version.py" ]; then IFS= read -r v <"$x/pysyncobj/version.py"; printf 'installed %s\n' "$v"; break; fi
done
unset IFS
[ -n "$p" ] || exit 0
h=$(${httpGets(question.address, question.patroniPort, ["/patroni"])})
case $h in
  *'"cluster_unlocked": true'*) ;;
  *'"state": "running"'*'"role": "primary"'*|*'"state": "running"'*'"role": "master"'*) exit 0 ;;
  *'"state": "running"'*'"role": "replica"'*'"replication_state": "streaming"'*) exit 0 ;;
  *'"state": "running"'*'"role": "replica"'*'"version": "3.0.'*) if grep -q -s -a 'walreceiver streaming' -- "$@"; then exit 0; fi ;;
esac
PYTHONPATH="$l" timeout 4 python3 -B -s -c ${statusProgram} ${node}
true`;
  return { command: withStdin(command, question.password, [question.password]), parse };
}

/** What syncobj_admin does, with the password from standard input. Since 0.3.12 nodes are objects, before they were texts. */
const statusProgram = `
import json, sys
from pysyncobj.utility import TcpUtility
password = sys.stdin.buffer.read().decode()
status = TcpUtility(password or None, 3.0).executeCommand(sys.argv[1], ["status"])
print("status " + json.dumps(status, default=str))
`;

function parse({ stdout }: FactOutput): RaftFact {
  const lines = stdout.split("\n");
  const after = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return defined({
    journals: after("file").toSorted(),
    pysyncobjVersion: /^VERSION = ['"](.*)['"]/.exec(after("installed")[0] ?? "")?.[1],
    startDigest: after("start")[0],
    status: readStatus(asRecord(parseJson(after("status")[0] ?? ""))),
  });
}

function readStatus(status: Readonly<Record<string, unknown>> | undefined): RaftFact["status"] {
  if (status === undefined) {
    return undefined;
  }
  const partners = Object.entries(status).filter(([key]) => key.startsWith("partner_node_status_server_"));
  return {
    hasQuorum: asBoolean(status["has_quorum"]) ?? false,
    leader: asString(status["leader"]) ?? "",
    version: asString(status["version"]) ?? "",
    partnersConnected: partners.filter(([, state]) => state === CONNECTED).length,
    partners: partners.length,
    term: asNumber(status["raft_term"]) ?? 0,
    commitIndex: asNumber(status["commit_idx"]) ?? 0,
  };
}

const CONNECTED = 2;
