import { PATRONI } from "../../desired/services.ts";
import type { DcsWords } from "./words.ts";

/** RAFT inside Patroni: each member is a voter, at this port. `pythonPath`: of a PySyncObj that pgha brought. */
export function raftWords({
  port,
  directory,
  pythonPath,
}: {
  readonly port: number;
  readonly directory: string;
  readonly pythonPath?: string;
}): DcsWords {
  return {
    title: "RAFT",
    nodeAt: (address) => `${address}:${port}`,
    addressOf: (node) => node.slice(0, node.lastIndexOf(":")),
    dialed: (address) => ({ address, port }),
    removal: (node) => removal(node, pythonPath),
    tracesLeft: (journals) => ({
      reason: "RaftJournalLeft",
      why: `a RAFT journal of an earlier installation is there (${journals.join(", ")}), but no data on any member`,
      wayOut: "Stop Patroni on every member, then move those files away on every member: a survivor would replay them.",
    }),
    trace: "a RAFT journal",
    damaged:
      "If it comes from pysyncobj, or there is none, its RAFT journal may be damaged, and the others have all of it: " +
      `systemctl stop ${PATRONI.unit} && mv ${directory} ${directory}.damaged && systemctl start ${PATRONI.unit}`,
    unheard: `is the data volume full, or port ${port} closed?`,
    apart: `check that port ${port} is open between them and that all have the same RAFT password.`,
  };
}

/**
 * As syncobj_admin -remove does it, without the password in a process list, and again while RAFT has no leader: the one
 * that just stopped may have been it. Prints SUCCESS.
 */
function removal(node: string, pythonPath: string | undefined): string {
  const program =
    "import sys,yaml;from pysyncobj.utility import TcpUtility as T;" +
    `r=yaml.safe_load(open("${PATRONI.config}"))["raft"];` +
    'print(T(r["password"],5).executeCommand(r["self_addr"],["remove",sys.argv[1]]))';
  const once = `${pythonPath === undefined ? "" : `PYTHONPATH=${pythonPath} `}python3 -c '${program}' ${node}`;
  return `for i in 1 2 3 4 5 6 7 8 9; do ${once} | grep SUCCESS && break; sleep 2; done`;
}
