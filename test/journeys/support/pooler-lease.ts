import { until } from "../../kube/until.ts";
import { PROXIES } from "./site.ts";
import type { Site } from "./site.ts";

const LEASE = "/run/pgha/pooler.lease";

/** Until the pooler of a host has its clients wait. */
export async function poolerHeld(site: Site, host: string): Promise<void> {
  await site.lab.exec(host, `timeout 60 sh -c 'until [ -s ${LEASE} ]; do sleep 0.02; done'`);
}

/** Until nobody's clients wait. */
export async function poolersLetGo(site: Site): Promise<void> {
  const left = async (host: string) => (await site.lab.exec(host, `cat ${LEASE}`)).stdout;
  await until("clients go on", async () => (await Promise.all(PROXIES.map(left))).join("") === "", 15_000);
}
