import { Clients } from "../../../bench/clients.ts";
import type { Transaction } from "../../../bench/clients.ts";
import { Readers } from "../../../bench/readers.ts";
import { until } from "../../kube/until.ts";
import { clientSql, loginOf } from "./psql.ts";
import type { Site } from "./site.ts";

export const CONNECTIONS = 12;

/** How long clients keep a connection that renew theirs, as pools of applications do. */
const RENEW_MS = 4_000;

/** Clients of the poolers on these hosts, from this machine. */
export async function openClients(
  site: Site,
  proxies: readonly string[],
  { renew = false, table = "clients" } = {},
): Promise<Clients> {
  const { user, password, dbname, port } = await loginOf(site, "keybuzz");
  const clients = await Clients.start({
    places: proxies.map((name) => ({ host: site.lab.host(name).address, port })),
    user,
    password,
    database: dbname,
    table,
    connections: CONNECTIONS,
    pauseMs: 100,
    ...(renew ? { renewMs: RENEW_MS } : {}),
  });
  site.onClose(() => clients.end());
  return clients;
}

/** Readers of the read port of these proxies, from this machine. */
export async function openReaders(site: Site, proxies: readonly string[]): Promise<Readers> {
  const { user, password, dbname } = await loginOf(site, "keybuzz");
  const readers = await Readers.start({
    places: proxies.map((name) => ({ host: site.lab.host(name).address, port: 5433 })),
    user,
    password,
    database: dbname,
    connections: 4,
    pauseMs: 50,
  });
  site.onClose(() => readers.end());
  return readers;
}

/** A transaction through a pooler that goes on until it is cancelled. */
export function openEndless(site: Site, proxy: string) {
  const ended = loginOf(site, "keybuzz", { host: site.lab.host(proxy).address }).then(async (login) =>
    clientSql(site, proxy, login, "BEGIN; SELECT pg_sleep(120) AS endless; COMMIT;"),
  );
  const onLeader = async (sql: string) => {
    const login = await loginOf(site, "keybuzz", { host: site.lab.host(proxy).address });
    return (await clientSql(site, proxy, login, sql)).stdout.trim();
  };
  const ACTIVE = "FROM pg_stat_activity WHERE query LIKE '%AS endless%' AND pid <> pg_backend_pid()";
  return {
    begun: until("it is open", async () => (await onLeader(`SELECT count(*) ${ACTIVE}`)) === "1", 20_000),
    async cancel(): Promise<void> {
      await onLeader(`SELECT pg_cancel_backend(pid) ${ACTIVE}`);
      await ended;
    },
  };
}

/** The longest that no transaction of anybody's was acknowledged from a moment on, in milliseconds. */
export function longestPause(transactions: readonly Transaction[], fromMs: number): number {
  const ends = transactions.map(({ atMs, tookMs }) => atMs + tookMs).filter((end) => end >= fromMs);
  const all = [fromMs, ...ends.toSorted((one, other) => one - other)];
  return all.reduce((longest, end, index) => Math.max(longest, end - (all[index - 1] ?? end)), 0);
}
