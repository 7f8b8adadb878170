import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { longestPause } from "../test/journeys/support/clients.ts";
import { startPackagedLab } from "../test/journeys/support/packaged-lab.ts";
import { until } from "../test/kube/until.ts";
import type { Lab } from "../test/lab/lab.ts";
import { CLIENTS_HEAD, clientsLine } from "./clients-report.ts";
import { Clients } from "./clients.ts";
import { loginIn, manifestFor, MEMBERS, PROXIES } from "./manifest.ts";
import { runPgha } from "./measured.ts";
import { spreadText } from "./statistics.ts";

/**
 * Power cuts of whoever leads, in synchronous mode, while clients write through two poolers: how long no commit was
 * acknowledged after each, and whether one that was is gone. Environment: BENCH_RUNS (20 cuts), BENCH_CONNECTIONS (12),
 * BENCH_FAILOVER (Fast).
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "pgha-cuts-"));
  say("bringing up five hosts");
  const lab = await startPackagedLab();
  try {
    await bench(lab, folder);
  } finally {
    await lab.down();
    rmSync(folder, { recursive: true });
  }
}

async function bench(lab: Lab, folder: string): Promise<void> {
  const runs = Number(process.env["BENCH_RUNS"] ?? 20);
  const failover = process.env["BENCH_FAILOVER"] ?? "Fast";
  const manifest = join(folder, "pgha.yaml");
  const text = manifestFor(lab).replace("failover: Standard", `failover: ${failover}, synchronousMode: enabled`);
  writeFileSync(manifest, text, { mode: 0o600 });
  await runPgha(folder, ["apply", "--yes", "--no-diff", "-f", manifest]);
  const login = loginIn(join(folder, ".pgha", "secrets", "keybuzz-pg-role-keybuzz.yaml"));
  const clients = await Clients.start({
    ...login,
    database: "keybuzz",
    places: PROXIES.map((name) => ({ host: lab.host(name).address, port: 6432 })),
    table: "cuts",
    connections: Number(process.env["BENCH_CONNECTIONS"] ?? 12),
    pauseMs: 100,
  });
  const cuts: { readonly fromMs: number; readonly untilMs: number }[] = [];
  try {
    for (let run = 1; run <= runs; run += 1) {
      const { leader } = await until("a synchronous standby beside two that stream", async () => whole(lab), 300_000);
      await committed(clients, 60_000);
      const fromMs = performance.now();
      await lab.crash(leader);
      await committed(clients, 180_000);
      const untilMs = performance.now();
      cuts.push({ fromMs, untilMs });
      say(`cut ${run}, ${leader}: commits again ${((untilMs - fromMs) / 1000).toFixed(1)} s after it`);
      await lab.boot(leader);
    }
  } catch (error) {
    clients.end();
    throw error;
  }
  const report = await clients.stop();
  const pauses = cuts.map(({ fromMs, untilMs }) => {
    const meanwhile = report.transactions.filter(({ atMs, tookMs }) => atMs + tookMs <= untilMs);
    return longestPause(meanwhile, fromMs) / 1000;
  });
  process.stdout.write(
    `${CLIENTS_HEAD}\n${clientsLine(`${runs} cuts at ${failover}`, report)}\n\n` +
      `no commit was acknowledged for: ${spreadText(pauses, "s")}\n`,
  );
  if (report.lost + report.twice + report.stale > 0) process.exitCode = 1;
}

/** Who leads, once whoever may follow can do so without a loss. */
async function whole(lab: Lab): Promise<{ readonly leader: string } | undefined> {
  for (const host of MEMBERS) {
    // Nobody answers on a host that boots.
    const said = await lab.exec(host, "patronictl -c /etc/patroni/config.yml list -f json").catch(() => undefined);
    if (said?.exitCode !== 0) continue;
    const members = JSON.parse(said.stdout) as readonly { Member: string; Role: string; State: string }[];
    const leader = members.find(({ Role: role }) => role === "Leader");
    const streaming = members.filter(({ State: state }) => state === "streaming").length;
    const isSynchronous = members.some(({ Role: role }) => /sync|quorum/i.test(role));
    const isWhole = streaming === MEMBERS.length - 1 && isSynchronous;
    return leader !== undefined && isWhole ? { leader: leader.Member } : undefined;
  }
  return undefined;
}

/** Until each client could have had a few commits. */
async function committed(clients: Clients, deadlineMs: number): Promise<void> {
  const before = clients.acknowledged;
  await until("commits", async () => clients.acknowledged > before + 50, deadlineMs, 50);
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

await main();
