import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { until } from "../../kube/until.ts";
import { clusterOf, MEMBERS } from "./site.ts";
import type { Manifest, Site } from "./site.ts";
import { quoted } from "./psql.ts";
import type { Login } from "./psql.ts";

/** The folder of the images for tests, which are made where they are not there yet. */
export async function madeImages(): Promise<string> {
  const make = new URL("../../images/make", import.meta.url).pathname;
  return (await promisify(execFile)(make)).stdout.trim();
}

/** Words for `pgha import` that have all of a stack run in containers of these images. */
export function importWords(folder: string): readonly string[] {
  return ["--runtime", "container", "--images", folder, "--postgres-version", "16"];
}

/** Asks for no extension that the images do not have: no contrib is in them. */
export function withoutContrib(manifests: readonly Manifest[]): void {
  for (const database of clusterOf(manifests).spec["databases"] as { extensions: string[] }[])
    database.extensions = database.extensions.filter((name) => name === "vector");
}

/** The superuser on a member, by the client that is in its container. */
export async function sqlInside(site: Site, host: string, sql: string, database = "postgres"): Promise<string> {
  const psql = `psql -X -A -t -q -w -v ON_ERROR_STOP=1 -h /var/run/postgresql -U postgres -d ${quoted(database)} -f -`;
  return said(site, host, `docker exec -i pgha-patroni ${psql} <<'SQL'\n${sql}\nSQL`);
}

/** A client on a proxy host, by the one that is in its pooler's container. */
export async function clientInside(site: Site, proxy: string, login: Login, sql: string): Promise<string> {
  const { host, port, user, password, dbname } = login;
  return said(
    site,
    proxy,
    `export PGPASSWORD=${quoted(password)}
docker exec -i --env PGPASSWORD pgha-pgbouncer psql -X -A -t -q -w -v ON_ERROR_STOP=1 -h ${host} -p ${port} -U ${user} \\
  -d ${dbname} -f - <<'SQL'
${sql}
SQL`,
  );
}

async function said(site: Site, host: string, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await site.lab.exec(host, script);
  if (exitCode !== 0) throw new Error(`${host}: ${stderr}`);
  return stdout.trim();
}

/** The one member that takes writes. */
export async function leaderInside(site: Site, deadlineMs = 90_000): Promise<string> {
  return until(
    "a leader",
    async () => {
      const answers = await Promise.all(
        MEMBERS.map(async (host) => sqlInside(site, host, "SELECT pg_is_in_recovery()").catch(() => undefined)),
      );
      const leading = MEMBERS.filter((_, index) => answers[index] === "f");
      return leading.length === 1 ? leading[0] : undefined;
    },
    deadlineMs,
    250,
  );
}

/** What runs on a host: first processes of pgha's containers, and PostgreSQL. */
export async function insideProcesses(site: Site, host: string): Promise<string> {
  const { stdout } = await site.lab.exec(
    host,
    `cut -d ' ' -f 1 /run/pgha/inside/*; head -n 1 /opt/keybuzz/postgres/data/pgdata/postmaster.pid 2>/dev/null`,
  );
  return stdout.trim();
}
