import assert from "node:assert/strict";
import type { Clients } from "../../../bench/clients.ts";
import { until } from "../../kube/until.ts";
import { openClients } from "./clients.ts";
import { PROXIES } from "./site.ts";
import type { Site } from "./site.ts";

/** What is left of poolers that another process took the place of. */
async function formerOn(site: Site): Promise<string> {
  const asked = PROXIES.map(async (name) => site.lab.exec(name, "cat /run/pgha/pooler.former 2>/dev/null || true"));
  return (await Promise.all(asked)).map(({ stdout }) => stdout).join("");
}

async function statusOf(site: Site): Promise<string> {
  return (await site.pgha("status", "--all")).stdout.replaceAll(/\s+/g, " ");
}

/** After a restart of the poolers: their clients left by themselves, as they do, and nothing of theirs failed. */
export async function leftInPeace(site: Site, clients: Clients, say: (words: string) => void): Promise<void> {
  await until("all left who were connected", async () => (await formerOn(site)) === "", 60_000);
  const { failed, failures, lost, longestMs } = await clients.stop();
  say(`longest wait ${(longestMs / 1000).toFixed(2)} s`);
  assert.deepEqual([failed, lost], [0, 0], [...failures.keys()].join("; "));
}

/** To another port and back, with clients of either. */
export async function moveThePort(site: Site, say: (words: string) => void): Promise<void> {
  const moveTo = async (port: number) => {
    await site.edit((manifests) => {
      for (const { kind, spec } of manifests)
        if (kind === "PgBouncerPool") Object.assign(spec, { port, drainSeconds: 120 });
    });
    const { stdout: plan } = await site.demand(2, "plan");
    assert.match(plan.replaceAll(/\s+/g, " "), /are served there for 2 min more, new ones among them/);
    await site.demand(0, "apply", "--yes");
  };
  const clients = await openClients(site, PROXIES, { renew: true });
  await moveTo(6433);
  say(`longest wait while it moves ${(clients.lap().longestMs / 1000).toFixed(2)} s`);
  assert.match(await statusOf(site), /the one before serves port 6432 until/);
  const others = await openClients(site, PROXIES, { table: "others" });
  // Those of the one before wait with the others.
  await site.demand(0, "switchover", "--yes");
  const enough = clients.acknowledged + 100;
  await until("they go on", () => clients.acknowledged > enough, 60_000);
  for (const each of [clients, others]) {
    const { failed, failures, lost, longestMs } = await each.stop();
    say(`longest wait ${(longestMs / 1000).toFixed(2)} s`);
    assert.deepEqual([failed, lost], [0, 0], [...failures.keys()].join("; "));
  }
  const isOpen = async (port: number) => {
    const dial = `perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new("127.0.0.1:${port}")'`;
    return (await site.lab.exec("proxy-01", dial)).exitCode === 0;
  };
  assert.deepEqual([await isOpen(6432), await isOpen(6433)], [true, true]);
  for (const proxy of PROXIES) await site.lab.exec(proxy, "systemctl stop pgha-pgbouncer-former");
  assert.deepEqual([await isOpen(6432), await isOpen(6433), await formerOn(site)], [false, true, ""]);
  await moveTo(6432);
  for (const proxy of PROXIES) await site.lab.exec(proxy, "systemctl stop pgha-pgbouncer-former");
  assert.match((await site.demand(0, "plan")).stdout, /[Nn]othing to do/);
}
