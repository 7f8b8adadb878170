import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPackagedLab } from "../test/journeys/support/packaged-lab.ts";
import type { Lab } from "../test/lab/lab.ts";
import { until } from "../test/kube/until.ts";
import { offerNewer } from "../test/journeys/support/newer-packages.ts";
import { Audience, AUDIENCE_HEAD } from "./audience.ts";
import { bareOperations } from "./bare.ts";
import { CLIENTS_HEAD, clientsLine, stallPicture } from "./clients-report.ts";
import { loginIn, manifestFor, MEMBERS, PROXIES } from "./manifest.ts";
import { runPgha } from "./measured.ts";
import { spreadText } from "./statistics.ts";

/**
 * Planned work as clients see it: fifty connections write and read through two poolers, and eight readers come to the
 * read ports, while members are switched over and restarted, packages upgraded, and pools changed; then the same as
 * people do it without pgha. Environment:
 * BENCH_RUNS (20 switchovers), BENCH_CONNECTIONS (50), BENCH_PICTURE (planned.svg), BENCH_KEEP=1 leaves the lab up.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "pgha-planned-"));
  say("bringing up five hosts");
  const lab = await startPackagedLab();
  try {
    await bench(lab, folder);
  } finally {
    if (process.env["BENCH_KEEP"] === "1") say(`kept: lab ${lab.name}, ${folder}`);
    else {
      await lab.down();
      rmSync(folder, { recursive: true });
    }
  }
}

async function bench(lab: Lab, folder: string): Promise<void> {
  const runs = Number(process.env["BENCH_RUNS"] ?? 20);
  const connections = Number(process.env["BENCH_CONNECTIONS"] ?? 50);
  const manifest = join(folder, "pgha.yaml");
  writeFileSync(manifest, manifestFor(lab), { mode: 0o600 });
  const pgha = async (...words: readonly string[]) => runPgha(folder, [...words, "-f", manifest]);
  const apply = async () => pgha("apply", "--yes", "--no-diff");
  const change = (from: string | RegExp, to: string): void => {
    const text = readFileSync(manifest, "utf8");
    if (text.replace(from, to) === text) throw new Error(`nothing to replace: ${String(from)}`);
    writeFileSync(manifest, text.replace(from, to));
  };
  await apply();
  const access = {
    ...loginIn(join(folder, ".pgha", "secrets", "keybuzz-pg-role-keybuzz.yaml")),
    database: "keybuzz",
  };
  const audience = new Audience(
    access,
    PROXIES.map((name) => lab.host(name).address),
    connections,
  );

  await audience.open("planned", 6432);
  const stalls = await audience.measure(
    `${runs} switchovers`,
    Array.from({ length: runs }, () => async () => pgha("switchover", "--yes")),
  );
  await audience.measure(
    "5 parameters that take a restart of each member",
    [210, 220, 230, 240, 250].map((most) => async () => {
      change(/max_connections: \d+/, `max_connections: ${most}`);
      await apply();
    }),
  );
  await Promise.all(
    MEMBERS.map(async (member) =>
      offerNewer(lab, member, [{ name: "patroni", says: PATRONI_VERSION }, { name: "postgresql-17" }]),
    ),
  );
  const offers = async (): Promise<number> =>
    (await pgha("status")).stdout.match(/^.*(patroni|postgresql-17) \S+ can be had/gm)?.length ?? 0;
  await until("a look has what apt says", async () => (await offers()) > 0, 120_000, 1000);
  await audience.measure("newer PostgreSQL and Patroni", [
    async () => {
      change("  postgresql:\n", "  packages: {upgrade: Automatic}\n  postgresql:\n");
      await apply();
      if ((await offers()) > 0) throw new Error("newer packages can be had still");
    },
  ]);
  await audience.measure("configuration of HAProxy", [
    async () => {
      change("  clusterRef: {name: keybuzz-pg}\n", "  clusterRef: {name: keybuzz-pg}\n  checks: {intervalMs: 900}\n");
      await apply();
    },
  ]);
  const isReplaced = async (): Promise<boolean> =>
    !(await pgha("status", "--all")).stdout.replaceAll(/\s+/g, " ").includes("; the one before ");
  await audience.measure("setting of PgBouncer that takes a restart, until the process before has ended", [
    async () => {
      change(/(kind: PgBouncerPool[^]*?\n)(  hosts:)/, "$1  parameters: {pkt_buf: 8192}\n$2");
      await apply();
      await until("all clients have left it", isReplaced, 400_000, 1000);
    },
  ]);
  await audience.measure("another port of PgBouncer, clients know the one before", [
    async () => {
      change(/(kind: PgBouncerPool[^]*?\n)(  hosts:)/, "$1  port: 6433\n$2");
      await apply();
    },
  ]);
  const report = await audience.close();

  await audience.open("bare", 6433);
  const bare = bareOperations(lab, MEMBERS, PROXIES);
  const few = Math.min(runs, 5);
  await audience.measure(
    `by hand: ${few} times patronictl switchover`,
    Array.from({ length: few }, () => bare.switchover),
  );
  await audience.measure("by hand: patronictl restart of each member", [bare.restarts]);
  await audience.measure("by hand: apt-get install on each member", [bare.packages]);
  await audience.measure("by hand: systemctl reload of HAProxy", [bare.reloadProxies]);
  await audience.measure("by hand: systemctl restart of PgBouncer", [bare.restartPoolers]);
  const byHand = await audience.close();

  const picture = process.env["BENCH_PICTURE"] ?? "planned.svg";
  writeFileSync(picture, stallPicture(report, `planned work, ${connections} clients`));
  process.stdout.write(
    `${[
      AUDIENCE_HEAD,
      ...audience.rows,
      "",
      CLIENTS_HEAD,
      clientsLine("all of it by pgha", report),
      clientsLine("all of it by hand", byHand),
      "",
      `stall of a switchover: ${spreadText(stalls, "s")}`,
      `stall over time: ${picture}`,
    ].join("\n")}\n`,
  );
}

const PATRONI_VERSION = "/usr/lib/python3/dist-packages/patroni/version.py";

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

await main();
