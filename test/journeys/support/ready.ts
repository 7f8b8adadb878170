import { until } from "../../kube/until.ts";
import type { Site } from "./site.ts";

/** Waits until `pgha status` calls everything Ready; resolves with the seconds that took. */
export async function becomesReady(site: Site, what: string, deadlineMs = 300_000): Promise<number> {
  const start = performance.now();
  await until(
    `${what}: everything Ready`,
    async () => {
      const { exitCode, stdout, stderr } = await site.pgha("status");
      if (exitCode !== 0) throw new Error(`${stdout}\n${stderr}`);
      return true;
    },
    deadlineMs,
    500,
  );
  return (performance.now() - start) / 1000;
}
