import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startLab } from "../lab/lab.ts";
import { clientSql, loginOf } from "./support/psql.ts";
import { MEMBERS, openSite } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import { filesOf, OUR_UNITS, unitTimes } from "./support/traces.ts";

/** What Debian 12 ships. */
const VERSIONS: Readonly<Record<string, string>> = { patroni: "3.0", haproxy: "2.6", pgbouncer: "1.18" };

describe("Debian 12", () => {
  let site: Site;
  before(async () => {
    const lab = await startLab({ os: "bookworm", hosts: [...MEMBERS, "proxy-01"] });
    site = await openSite(lab, { importWords: ["--postgres-version", "15"], proxies: "proxy-01" });
  });
  after(async () => site.close());

  it("has no pgvector of its own, so a database that declares it is refused before anything is touched", async () => {
    const { stdout } = await site.demand(1, "apply", "--yes", "--no-diff");
    assert.match(stdout, /ExtensionUnavailable/);
    await site.edit((manifests) => {
      for (const manifest of manifests.filter(({ kind }) => kind === "PostgresHACluster")) {
        for (const database of manifest.spec["databases"] as { extensions: string[] }[])
          database.extensions = database.extensions.filter((name) => name !== "vector");
      }
    });
  });

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
