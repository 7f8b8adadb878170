import { until } from "../../kube/until.ts";
import type { Lab } from "../../lab/lab.ts";
import type { Site } from "./site.ts";

/** What a RAFT node says of itself. */
export interface RaftStatus {
  readonly term: number;
  readonly hasQuorum: boolean;
  /** Address of the node that leads, as this one sees it. */
  readonly leader: string;
  readonly version: string;
}

const DIRECTORY = "/opt/pgha/pysyncobj-0.3.17";

/** Asks the node on a member. Throws while it does not answer. */
export async function raftStatus(site: Site, host: string): Promise<RaftStatus> {
  return askRaft(site.lab, host, (await site.secrets()).get("keybuzz-pg-raft")?.["password"] ?? "");
}

/** The same for whoever knows the password, which goes in with the script, on standard input. */
export async function askRaft(lab: Lab, host: string, password: string): Promise<RaftStatus> {
  const { stdout, stderr } = await lab.exec(
    host,
    `PYTHONPATH=${DIRECTORY} timeout 10 python3 -B -s - <<'PY'
import json
from pysyncobj.utility import TcpUtility
print(json.dumps(TcpUtility(${JSON.stringify(password)}, 5.0).executeCommand("${lab.host(host).address}:7000", ["status"]), default=str))
PY`,
  );
  if (!stdout.startsWith("{")) throw new Error(`${host}: ${stdout}${stderr}`);
  const status = JSON.parse(stdout) as Record<string, unknown>;
  return {
    term: Number(status["raft_term"]),
    hasQuorum: status["has_quorum"] === true,
    leader: String(status["leader"]),
    version: String(status["version"]),
  };
}

/** Everything of Patroni and PostgreSQL on the members is gone at once, by SIGKILL, and stays away. */
export async function killMembers(site: Site, ...hosts: readonly string[]): Promise<void> {
  await Promise.all(
    hosts.map(async (host) =>
      site.lab.exec(
        host,
        "systemctl kill --signal=KILL --kill-whom=all patroni.service; systemctl stop patroni.service; ! " +
          "pgrep -u postgres >/dev/null",
      ),
    ),
  );
}

export async function startMembers(site: Site, ...hosts: readonly string[]): Promise<void> {
  await Promise.all(hosts.map(async (host) => site.lab.exec(host, "systemctl start patroni.service")));
}

/** The dynamic configuration as a member's REST API shows it; undefined while it does not answer. */
export async function readConfiguration(
  site: Site,
  host: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const response = await fetch(restUrl(site, host), { signal: AbortSignal.timeout(5_000) });
    return response.ok ? ((await response.json()) as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Changes one key of it. Resolves when Patroni has acknowledged that. */
export async function writeConfiguration(
  site: Site,
  host: string,
  patch: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { username, password } = (await site.secrets()).get("keybuzz-pg-patroni-api") ?? {};
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  await until(
    "Patroni to acknowledge a change",
    async () => {
      const response = await fetch(restUrl(site, host), {
        method: "PATCH",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify(patch),
        signal: AbortSignal.timeout(15_000),
      });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      return true;
    },
    60_000,
  );
}

function restUrl(site: Site, host: string): string {
  return `http://${site.lab.host(host).address}:8008/config`;
}
