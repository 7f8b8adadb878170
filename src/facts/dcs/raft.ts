import type { Secret } from "../../shell/secret.ts";
import { pbkdf2Sync } from "node:crypto";
import { insideOf } from "../../desired/container.ts";
import { PATRONI } from "../../desired/services.ts";
import { secret, sh, withStdin } from "../../shell/command.ts";
import { environmentOf, processesOf } from "../systemd/control-group.ts";
import type { Fact, FactOutput } from "../fact.ts";
import { httpGets } from "../http-get.ts";
import { asBoolean, asNumber, asRecord, defined, parseJson } from "../narrow.ts";
import type { DcsFact, DcsStatus } from "./dcs-fact.ts";

export interface RaftQuestion {
  readonly directory: string;
  readonly address: string;
  readonly port: number;
  readonly password: Secret | string;
  readonly patroniPort: number;
  /** Ask its own status of a healthy replica, too: somebody else may lead. */
  readonly always: boolean;
  /** For how long a journal of a node that lives may look the same, in seconds. */
  readonly quietSeconds: number;
}

/**
 * The RAFT node on the host. Its own status is asked where PostgreSQL leads, for who counts as a voter, and where
 * Patroni runs but is not plainly healthy; not on a replica that streams, since Python, its cryptography and 100,000
 * rounds of PBKDF2 cost more than all other facts together. The password goes in on standard input; syncobj_admin would
 * want it as an argument. Patroni 3.0 does not tell whether a replica streams, so PostgreSQL's process title has to.
 *
 * A node ends when it cannot write its journal, and Patroni and PostgreSQL go on as if nothing were: a journal that
 * nobody wrote to for long is asked about. One that is written to lives, however slow it answers.
 */
export function raftFact(question: RaftQuestion): Fact<DcsFact> {
  const node = question.address.includes(":")
    ? `[${question.address}]:${question.port}`
    : `${question.address}:${question.port}`;
  const command = sh`
if cd -- ${question.directory}; then
  for f in * .[!.]*; do if [ -f "$f" ]; then printf 'file %s\n' "$f"; fi; done
fi
cd /
p=; l=; set --
inside= python=python3
if [ -r ${insideOf(PATRONI.unit)} ] && read -r p x <${insideOf(PATRONI.unit)} && [ -d "/proc/$p/root/" ]; then
  # The interpreter that Patroni itself runs in, which finds what it needs.
  inside="nsenter -t $p -m --" python=$(tr '\0' '\n' <"/proc/$p/cmdline" | head -n 1)
else p=; fi
for q in ${processesOf(PATRONI.unit)}; do
  c=
  IFS= read -r c <"/proc/$q/comm"
  if [ "$c" = patroni ] && [ -z "$p" ]; then p=$q; fi
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
  for w in ${environmentOf(PATRONI.unit)}; do
    case $w in Environment=PYTHONPATH=*|PYTHONPATH=*) l=\${w#Environment=} ;; esac
  done
fi
l=\${l#PYTHONPATH=}
IFS=:
for x in $l /usr/local/lib/python3*/dist-packages /usr/lib/python3/dist-packages; do
  if [ -f "$x/pysyncobj/version.py" ]; then
    IFS= read -r v <"$x/pysyncobj/version.py"
    printf 'installed %s\n' "$v"
    break
  fi
done
unset IFS
[ -n "$p" ] || exit 0
a=${question.always ? "always" : ""}
lives() {
  [ -n "$(find ${question.directory} -name '*.journal*' \
    -newermt ${`${question.quietSeconds} seconds ago`} -print -quit)" ]
}
h=$(${httpGets(question.address, question.patroniPort, ["/patroni"])})
case $a$h in
  always*) ;;
  *'"cluster_unlocked": true'*) ;;
  *'"state": "running"'*'"role": "replica"'*'"replication_state": "streaming"'*) if lives; then exit 0; fi ;;
  *'"state": "running"'*'"role": "replica"'*'"version": "3.0.'*)
    if grep -q -s -a 'walreceiver streaming' -- "$@" && lives; then exit 0; fi ;;
esac
PYTHONPATH="$l" timeout 4 $inside "$python" -B -s -c ${statusProgram} ${node} || lives || echo silent`;
  const key = keyOf(question.password);
  return { command: withStdin(command, key, [question.password, key]), parse };
}

/**
 * What syncobj_admin does, with the key from standard input. It imports no more of the package than it takes to ask,
 * and the key comes derived, which together is a third of the price. Since 0.3.12 nodes are objects, before they were
 * texts.
 */
const statusProgram = `
import importlib.util, json, sys, types
from cryptography.fernet import Fernet
package = types.ModuleType("pysyncobj")
package.__path__ = importlib.util.find_spec("pysyncobj").submodule_search_locations
encryptor = types.ModuleType("pysyncobj.encryptor")
encryptor.getEncryptor = Fernet
sys.modules.update({"pysyncobj": package, "pysyncobj.encryptor": encryptor})
from pysyncobj.utility import TcpUtility
key = sys.stdin.buffer.read()
ask = lambda node, seconds: TcpUtility(key, seconds).executeCommand(node, ["status"])
own = ask(sys.argv[1], 3.0)
print("status " + json.dumps(own, default=str), flush=True)
leader = str(own.get("leader"))
if leader not in ("None", str(own.get("self"))):
    print("leader " + json.dumps(ask(leader, 1.0), default=str))
`;

/**
 * The key that PySyncObj derives from a password (its encryptor.py), as Fernet wants it. The salt is the same in all
 * versions.
 */
function keyOf(password: Secret | string): Secret {
  const text = typeof password === "string" ? password : password.reveal();
  let key = keys.get(text);
  if (key === undefined) {
    const bytes = pbkdf2Sync(text, SALT, 100_000, 32, "sha256");
    key = secret(bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_"));
    keys.set(text, key);
  }
  return key;
}

const keys = new Map<string, Secret>();
const SALT = Buffer.from("152571e6bb02a6f8137190cf362b1eeb", "hex");

function parse({ stdout }: FactOutput): DcsFact {
  const lines = stdout.split("\n");
  const after = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const status = readStatus(
    asRecord(parseJson(after("status")[0] ?? "")),
    asRecord(parseJson(after("leader")[0] ?? "")),
  );
  const version = /^VERSION = ['"](.*)['"]/.exec(after("installed")[0] ?? "")?.[1];
  return defined({
    traces: after("file").toSorted(),
    versions: version === undefined ? undefined : { pysyncobj: version },
    startDigest: after("start")[0],
    status,
    silent: status === undefined && lines.includes("silent") ? (true as const) : undefined,
  });
}

/**
 * A follower sends nothing to the other followers: of one that lost its power it shows for minutes that it is
 * connected. The leader of RAFT hears everybody several times a second, so its word counts where it gave it.
 */
function readStatus(own: Document | undefined, leader: Document | undefined): DcsStatus | undefined {
  if (own === undefined) {
    return undefined;
  }
  const partners = Object.entries(own)
    .filter(([key]) => key.startsWith(PARTNER))
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
  return defined({
    hasQuorum: asBoolean(own["has_quorum"]) ?? false,
    uptimeSeconds: asNumber(own["uptime"]),
    partners: partners.map(([key, state]) => ({
      address: key.slice(PARTNER.length),
      connected: (leader?.[key] ?? state) === CONNECTED,
    })),
  });
}

type Document = Readonly<Record<string, unknown>>;

/** Before the address of each other voter; nodes that only read are called otherwise. */
const PARTNER = "partner_node_status_server_";
const CONNECTED = 2;
