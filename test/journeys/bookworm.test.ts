import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { until } from "../kube/until.ts";
import { startLab } from "../lab/lab.ts";
import { clientSql, loginOf } from "./support/psql.ts";
import { MEMBERS, openSite } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import { filesOf, OUR_UNITS, unitTimes } from "./support/traces.ts";

/** What Debian 12 ships. */
const VERSIONS: Readonly<Record<string, string>> = { patroni: "3.0", haproxy: "2.6", pgbouncer: "1.18" };

/** Its hosts are given by name. */
const DOMAIN = ".pg.lan";

function hostsFile({ lab }: Site, other: Readonly<Record<string, string>> = {}): string {
  const lines = lab.hosts.map(({ name, address }) => `${other[name] ?? address}\t${name}${DOMAIN} ${name}\n`);
  return `127.0.0.1\tlocalhost\n${lines.join("")}`;
}

/** What names mean on a host; `other` instead of a host's address, or "#" for a name that means nothing. */
async function writeHosts(site: Site, host: string, other: Readonly<Record<string, string>> = {}): Promise<void> {
  await site.lab.exec(host, `cat >/etc/hosts <<'END'\n${hostsFile(site, other)}END\n`);
}

describe("Debian 12, its hosts given by name", () => {
  let site: Site;
  before(async () => {
    const lab = await startLab({ os: "bookworm", hosts: [...MEMBERS, "proxy-01"] });
    site = await openSite(lab, {
      importWords: ["--postgres-version", "15"],
      proxies: "proxy-01",
      edit: (manifests) => {
        for (const host of manifests.flatMap(({ spec }) => spec.hosts))
          host["address"] = `${host["name"] as string}${DOMAIN}`;
      },
    });
    await writeFile(join(site.folder, "hosts"), hostsFile(site));
  });
  after(async () => site.close());

  it(
    "has no pgvector of its own, and its installer writes 127.0.1.1 NAME: both refused before anything is " + "touched",
    async () => {
      for (const { name } of site.lab.hosts) await writeHosts(site, name, { [name]: "127.0.1.1" });
      const { stdout } = await site.demand(1, "apply", "--yes", "--no-diff");
      assert.match(stdout, /ExtensionUnavailable/);
      assert.match(
        stdout,
        /NameResolution[^]*db-slave-01\.pg\.lan is 127\.0\.1\.1 there[^]*\/etc\/hosts, line [0-9]+:127\.0\.1\.1 db-slave-01\.pg\.lan/,
      );
      for (const { name } of site.lab.hosts) await writeHosts(site, name);
      await site.edit((manifests) => {
        for (const manifest of manifests.filter(({ kind }) => kind === "PostgresHACluster")) {
          for (const database of manifest.spec["databases"] as { extensions: string[] }[])
            database.extensions = database.extensions.filter((name) => name !== "vector");
        }
      });
    },
  );

  it("gets a cluster of its own versions, from bare hosts", async () => {
    await site.demand(0, "apply", "--yes", "--no-diff");
    const { stdout } = await site.demand(0, "status", "-o", "json");
    const { items } = JSON.parse(stdout) as {
      items: readonly { status: { hosts: readonly { versions: Readonly<Record<string, string>> }[] } }[];
    };
    const versions = Object.assign(
      {},
      ...items.flatMap(({ status }) => status.hosts.map((host) => host.versions)),
    ) as Readonly<Record<string, string>>;
    for (const [program, version] of Object.entries(VERSIONS))
      assert.ok(versions[program]?.startsWith(version), `${program} ${versions[program]}`);
    assert.ok(versions["postgresql"]?.startsWith("15."), versions["postgresql"]);
  });

  it("a client logs in through the pooler, and reads from a replica", async () => {
    const at = { host: site.lab.host("proxy-01").address };
    const ask = "SELECT pg_is_in_recovery(), 2 + 3";
    assert.equal((await clientSql(site, "proxy-01", await loginOf(site, "keybuzz", at), ask)).stdout.trim(), "f|5");
    assert.equal(
      (await clientSql(site, "proxy-01", await loginOf(site, "keybuzz", { ...at, port: 5433 }), ask)).stdout.trim(),
      "t|5",
    );
    const { exitCode, stderr } = await clientSql(
      site,
      "proxy-01",
      await loginOf(site, "keybuzz", { ...at, password: "not-that-of-keybuzz" }),
      ask,
    );
    assert.equal(exitCode, 2, stderr);
  });

  it("lets members in by the addresses behind their names, also while one of these means nothing to them", async () => {
    const sql = async (host: string, query: string): Promise<string> => {
      const text = `runuser -u postgres -- psql -XAtc ${JSON.stringify(query)}`;
      return (await site.lab.exec(host, text)).stdout.trim();
    };
    const isLeader = async (host: string): Promise<boolean> => (await sql(host, "SELECT pg_is_in_recovery()")) === "f";
    const led = await Promise.all(MEMBERS.map(isLeader));
    const leader = MEMBERS[led.indexOf(true)] ?? "";
    const replica = MEMBERS.find((name) => name !== leader) ?? "";
    const rules = async (): Promise<readonly string[]> =>
      (await sql(leader, "SELECT DISTINCT address FROM pg_hba_file_rules WHERE address IS NOT NULL")).split("\n");
    const addressOf = (name: string): string => site.lab.host(name).address;
    const before = await rules();
    for (const { address } of site.lab.hosts) assert.ok(before.includes(address), before.join(" "));
    assert.doesNotMatch(before.join(" "), /lan/);

    for (const name of MEMBERS.filter((other) => other !== replica)) await writeHosts(site, name, { [replica]: "#" });
    const { stdout } = await site.demand(1, "apply", "--yes", "--no-diff");
    const words = `does not know the name ${replica}.pg.lan; pg_hba.conf goes by ${addressOf(replica)} for it`;
    assert.ok(stdout.replaceAll(/\s+/g, " ").includes(words), stdout);
    await sql(leader, "SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
    const streaming = async (): Promise<boolean> =>
      (await sql(leader, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")) === "2";
    await until("both replicas stream again", streaming, 60_000, 200);

    const moved = addressOf("proxy-01").replace(/[0-9]+$/, "213");
    for (const name of MEMBERS) await writeHosts(site, name, { "proxy-01": moved });
    await site.demand(0, "apply", "--yes", "--no-diff");
    const after = await rules();
    assert.ok(after.includes(moved) && !after.includes(addressOf("proxy-01")), after.join(" "));
  });

  it("a second apply finds nothing to do and touches nothing", async () => {
    const traces = async (): Promise<unknown> =>
      Promise.all(
        site.lab.hosts.map(async ({ name }) => [
          name,
          await unitTimes(site.lab, name, OUR_UNITS),
          await filesOf(site.lab, name),
        ]),
      );
    const before = await traces();
    await site.demand(0, "plan");
    await site.demand(0, "apply");
    assert.deepEqual(await traces(), before);
  });
});
