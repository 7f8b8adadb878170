import { addBaseline, OWN_NETWORK, prepareClocks } from "../test/journeys/support/baseline.ts";
import { startPackagedLab } from "../test/journeys/support/packaged-lab.ts";
import { openSite } from "../test/journeys/support/site.ts";
import type { Site } from "../test/journeys/support/site.ts";
import { runPgha } from "./measured.ts";
import { spreadOf, spreadText } from "./statistics.ts";

/** How much longer a look at a host takes with all that a HostBaseline can ask of it. Environment: BENCH_RUNS (20 looks). */
async function main(): Promise<void> {
  const runs = Number(process.env["BENCH_RUNS"] ?? 20);
  const lab = await startPackagedLab();
  try {
    await prepareClocks(lab, "proxy-01");
    await Promise.all(lab.hosts.map(async ({ name }) => lab.exec(name, OWN_NETWORK)));
    const site = await openSite(lab);
    await site.demand(0, "apply", "--yes", "--no-diff");
    const without = await looks(site, runs);
    await site.edit((manifests) => addBaseline(manifests, lab.host("proxy-01").address));
    await site.demand(0, "apply", "--yes", "--no-diff");
    const beside = await looks(site, runs);
    for (const [host, times] of beside) {
      const before = without.get(host) ?? [];
      const ratio = spreadOf(times).median / spreadOf(before).median;
      process.stdout.write(
        `${host.padEnd(14)} ${spreadText(before, "ms")}, with a base ${spreadText(times, "ms")}: ${ratio.toFixed(2)}\n`,
      );
    }
  } finally {
    await lab.down();
  }
}

/** Of each host, how long each look at it took, in milliseconds. Rejects where one took more than one command. */
async function looks(site: Site, runs: number): Promise<ReadonlyMap<string, readonly number[]>> {
  const took = new Map<string, number[]>();
  for (let run = 0; run < runs; run += 1) {
    const { execs } = await runPgha(site.folder, ["plan", "-f", site.manifestPath, "--state", site.stateFolder]);
    for (const [host, of] of Map.groupBy(execs, (exec) => exec.host)) {
      const [one, ...more] = of;
      if (one === undefined || more.length > 0) throw new Error(`${of.length} commands on ${host}`);
      took.set(host, [...(took.get(host) ?? []), one.tookMs]);
    }
  }
  return took;
}

await main();
