import assert from "node:assert/strict";
import { askRaft } from "../journeys/support/raft.ts";
import { until } from "../kube/until.ts";
import type { Lab } from "../lab/lab.ts";
import { CLUSTER } from "./lab-manifest.ts";
import type { Stage } from "./stage.ts";

export const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"] as const;

/**
 * Sees to it that the member whose RAFT node leads is a replica, so that with its host RAFT loses its leader and
 * Patroni does not. Any member may be the first to hold the leader key, and so lead Patroni: then another takes over.
 */
export async function raftLeaderAsReplica(
  stage: Stage,
  namespace: string,
): Promise<{ readonly raftLeader: string; readonly leader: string }> {
  const secret = await stage.kube.kubectl(["get", "secret", `${CLUSTER}-raft`, "-n", namespace, "-o", "json"]);
  const { password = "" } = (JSON.parse(secret) as { readonly data: Readonly<Record<string, string>> }).data;
  const status = await askRaft(stage.lab, MEMBERS[0], Buffer.from(password, "base64").toString());
  const raftLeader = MEMBERS.find((host) => status.leader.startsWith(`${stage.lab.host(host).address}:`));
  assert.ok(raftLeader !== undefined, status.leader);
  const leads = async (): Promise<string> => (await stage.read("pghac", CLUSTER, namespace)).status?.leader ?? "";
  const leader = await leads();
  if (leader !== raftLeader) return { raftLeader, leader };
  const next = MEMBERS.find((host) => host !== raftLeader) ?? "";
  const switchover = `patronictl switchover ${CLUSTER} --leader ${raftLeader} --candidate ${next} --force`;
  const { exitCode, stderr } = await stage.lab.exec(raftLeader, switchover);
  assert.equal(exitCode, 0, stderr);
  await until(`${next} leads`, async () => (await leads()) === next, 60_000);
  await stage.untilReady(namespace, 120_000);
  return { raftLeader, leader: next };
}

/** Waits until a surviving member sees another leader than this one; resolves to the milliseconds since `started`. */
export async function untilAnotherLeads(
  lab: Lab,
  { leader, witness, started }: { readonly leader: string; readonly witness: string; readonly started: number },
): Promise<number> {
  const { stdout } = await lab.exec(
    witness,
    `for i in $(seq 900); do
  now=$(curl -s -m 2 http://$(hostname -I | tr ' ' '\n' | grep '^10[.]77' | head -1):8008/cluster |
    python3 -c 'import json,sys
members = json.load(sys.stdin)["members"]
print(*[m["name"] for m in members if m["role"] == "leader" and m["state"] == "running"])' 2>/dev/null)
  [ -n "$now" ] && [ "$now" != ${leader} ] && { echo "$now"; exit; }
  sleep 0.1
done`,
  );
  assert.match(stdout, /^db-/);
  return Math.round(performance.now() - started);
}

/** Logins over SSH to a host since it was built. */
export async function logins(lab: Lab, host: string): Promise<number> {
  return Number((await lab.exec(host, "journalctl -q -u ssh --grep '^Accepted' -o cat | wc -l")).stdout);
}
