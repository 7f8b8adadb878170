import { spawn } from "node:child_process";
import type { Access } from "./clients.ts";

/** A pooler's host that lost its power says nothing: a client that nobody answers for so long connects anew. */
const PEER_IS_GONE = "keepalives_idle=3 keepalives_interval=3 keepalives_count=3 tcp_user_timeout=12000";

/** psql, that says on one channel what it prints and what it complains of. */
export function startPsql(
  { user, password, database }: Access,
  { host = "", port = 0 }: Partial<Access["places"][number]> = {},
  words: readonly string[] = [],
) {
  const conninfo = `dbname=${database} ${PEER_IS_GONE}`;
  return spawn("sh", ["-c", 'exec psql -X -A -t -q -w "$@" 2>&1', "psql", "-d", conninfo, ...words], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      PGHOST: host,
      PGPORT: `${port}`,
      PGUSER: user,
      PGPASSWORD: password,
      PGCONNECT_TIMEOUT: "10",
    },
  });
}
