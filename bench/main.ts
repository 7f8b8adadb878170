import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { startLab } from "../test/lab/lab.ts";
import type { Lab } from "../test/lab/lab.ts";
import { madeImages } from "../test/journeys/support/inside.ts";
import { prepareFloor } from "./floor-files.ts";
import { inContainers, manifestFor } from "./manifest.ts";
import { runPgha, timed } from "./measured.ts";
import type { Usage } from "./measured.ts";
import { reportText } from "./report.ts";

/** Environment: BENCH_RUNS (5), BENCH_KEEP=1 leaves the lab up. */
async function main(): Promise<void> {
  const runs = Number(process.env["BENCH_RUNS"] ?? 5);
  const folder = mkdtempSync(join(tmpdir(), "pgha-bench-"));
  say("bringing up five bare hosts");
  const lab = await startLab({ name: process.env["PGHA_LAB"] ?? "bench" });
  try {
    await bench(lab, folder, runs);
  } finally {
    rmSync(folder, { recursive: true });
    if (process.env["BENCH_KEEP"] !== "1") await lab.down();
  }
}

async function bench(lab: Lab, folder: string, runs: number): Promise<void> {
  const manifest = join(folder, "pgha.yaml");
  writeFileSync(manifest, manifestFor(lab), { mode: 0o600 });
  const inside = join(folder, "inside.yaml");
  writeFileSync(inside, inContainers(manifestFor(lab), await madeImages()), { mode: 0o600 });
  const fresh = async (name: string, stack = manifest): Promise<Usage> => {
    await bareHosts(lab);
    const usage = await runPgha(folder, [
      "apply",
      "--yes",
      "--no-diff",
      "--timings",
      "-f",
      stack,
      "--state",
      join(folder, name),
    ]);
    say(`pgha${stack === inside ? " in containers" : ""} ${usage.seconds.toFixed(2)} s${load()}`);
    if (process.env["BENCH_VERBOSE"] === "1") say(usage.stdout.slice(usage.stdout.indexOf("Where the time went")));
    return usage;
  };

  say("one apply of each that does not count: they fill the package cache, and the floor takes its credentials");
  await fresh("inside", inside);
  await fresh("state");
  await prepareFloor(folder, lab, manifest, join(folder, "state"));

  const apply: Usage[] = [];
  const containers: Usage[] = [];
  const floor: number[] = [];
  const idle: Usage[] = [];
  const noop: Usage[] = [];
  for (let run = 1; run <= runs; run += 1) {
    say(`run ${run} of ${runs}`);
    await bareHosts(lab);
    const { seconds } = await timed(new URL("floor.sh", import.meta.url).pathname, [folder]);
    say(`floor ${seconds.toFixed(2)} s${load()}`);
    floor.push(seconds);
    containers.push(await fresh(`inside-${run}`, inside));
    apply.push(await fresh(`state-${run}`));
    noop.push(await runPgha(folder, ["apply", "--yes", "-f", manifest, "--state", join(folder, `state-${run}`)]));
  }

  const ssh: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    ssh.push(await sshTrue(lab));
    idle.push(await runPgha(folder, ["apply", "--yes", "-f", manifest, "--state", join(folder, `state-${runs}`)]));
  }
  process.stdout.write(reportText({ floor, apply, containers, ssh, noop: idle, noopAtOnce: noop }));
}

/** Empty disks, booted, and at rest. */
async function bareHosts(lab: Lab): Promise<void> {
  await lab.reset();
  await Promise.all(lab.hosts.map(({ name }) => lab.exec(name, "systemctl is-system-running --wait || true")));
}

/** What it takes to run nothing at all on all hosts, side by side. */
async function sshTrue(lab: Lab): Promise<number> {
  const options = [
    "-i",
    lab.sshKeyPath,
    "-o",
    "IdentitiesOnly=yes",
    "-o",
    "BatchMode=yes",
    "-o",
    `UserKnownHostsFile=${lab.knownHostsPath}`,
  ];
  const started = performance.now();
  await Promise.all(lab.hosts.map(({ address }) => timed("ssh", [...options, `root@${address}`, "true"])));
  return (performance.now() - started) / 1000;
}

function load(): string {
  return ` (load ${loadavg()[0]?.toFixed(1) ?? "?"})`;
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

await main();
