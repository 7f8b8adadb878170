import { sh } from "../shell/command.ts";
import { parseCsv } from "./csv.ts";
import type { Fact, FactOutput } from "./fact.ts";
import { defined } from "./narrow.ts";
import { readServerStates } from "./haproxy-state.ts";
import { mainPidOf } from "./systemd/main-pid.ts";
import type { HAProxyFact } from "./types.ts";

/**
 * HAProxy's runtime API over its socket, all in one go (management guide, "Unix Socket commands"). The lease names the
 * process that pgha has lead readers past a member, and that member.
 */
export function haproxyFact({
  socket,
  lease,
  unit,
}: {
  readonly socket: string;
  readonly lease: string;
  readonly unit: string;
}): Fact<HAProxyFact | undefined> {
  // Perl, as neither socat nor python3 need be on a proxy host, and curl speaks HTTP only.
  const command = sh`perl -e ${program} -- ${socket} || exit
[ -s ${lease} ] && read -r pid member holder <${lease} && [ "$pid" = "$(${mainPidOf(unit)})" ] || exit 0
printf '# drained %s\n' "$member"`;
  return { command, parse };
}

const program = String.raw`
alarm 3;
socket(my $s, 1, 1, 0) or exit 1;
connect($s, pack("S a108", 1, $ARGV[0])) or exit 1;
syswrite($s, "show info;show stat;show servers state\n");
while (sysread($s, my $part, 65536)) { print $part }
`;

const FRONTEND = "0";
const SERVER = "2";

/** Left out where HAProxy knows none. */
function limitOf(text: string | undefined): number | undefined {
  return text === undefined || text === "" ? undefined : Number(text);
}

function parse({ exitCode, stdout }: FactOutput): HAProxyFact | undefined {
  const start = stdout.indexOf("# pxname,");
  if (exitCode !== 0 || start < 0) {
    return undefined;
  }
  const info = new Map(
    stdout
      .slice(0, start)
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const states = stdout.indexOf("# be_id ", start);
  const [, drained] = /^# drained (.+)$/m.exec(stdout) ?? [];
  const all = parseCsv(stdout.slice(start + 2, states < 0 ? undefined : states));
  const rows = all.filter((row) => row["type"] === SERVER);
  return defined({
    states: readServerStates(stdout),
    drained,
    closedFrontends: all
      .filter((row) => row["type"] === FRONTEND && row["status"] !== "OPEN")
      .map((row) => ({ name: row["pxname"] ?? "", status: row["status"] ?? "" })),
    maxConnections: limitOf(all.find((row) => row["type"] === FRONTEND)?.["slim"]),
    version: info.get("Version") ?? "",
    description: info.get("description") ?? "",
    servers: rows.map((row) =>
      defined({
        backend: row["pxname"] ?? "",
        server: row["svname"] ?? "",
        status: row["status"] ?? "",
        checkStatus: row["check_status"] ?? "",
        checkDescription: [row["check_desc"], row["last_chk"]]
          .filter((text) => text !== undefined && text !== "")
          .join(": "),
      }),
    ),
  });
}
