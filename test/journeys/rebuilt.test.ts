import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fingerprint as fingerprintOf, parseHostKey } from "../../src/shell/host-key.ts";
import { until } from "../kube/until.ts";
import { Ledger } from "./support/ledger.ts";
import { pghaKilled } from "./support/pgha.ts";
import { openAppliedSite } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import { filesOf, OUR_UNITS, unitTimes } from "./support/traces.ts";

const REBUILT = ["db-slave-02", "proxy-02"] as const;
const printOf = (line: string): string => fingerprintOf(parseHostKey(line)?.blob ?? Buffer.of());
const OTHERS = ["db-master-01", "db-slave-01", "proxy-01"] as const;

describe("hosts that were built anew", () => {
  let site: Site;
  let ledger: Ledger;
  let others: readonly unknown[];
  before(async () => {
    site = await openAppliedSite();
    ledger = new Ledger(site);
    await ledger.add();
    others = await unitsOfOthers();
    for (const host of REBUILT) await site.lab.rebuild(host);
  });
  after(async () => site.close());

  const unitsOfOthers = async (): Promise<readonly unknown[]> =>
    Promise.all(OTHERS.map(async (host) => unitTimes(site.lab, host, OUR_UNITS)));
  const blockers = async (): Promise<
    readonly { readonly host?: string; readonly reason: string; readonly wayOut: string }[]
  > =>
    (
      JSON.parse((await site.demand(1, "plan", "-o", "json")).stdout) as {
        readonly blockers: readonly { readonly host?: string; readonly reason: string; readonly wayOut: string }[];
      }
    ).blockers;

  it("F56: their new host keys are refused, and it is said how to approve them", async () => {
    const found = await blockers();
    for (const host of REBUILT) {
      const about = found.filter((blocker) => blocker.host === host);
      assert.ok(
        about.length > 0 &&
          about.every(({ reason, wayOut }) => reason === "HostKeyChanged" && wayOut.includes(`pgha approve ${host}`)),
        JSON.stringify(about),
      );
    }
    const { stdout, stderr } = await site.demand(1, "apply", "--yes");
    assert.match(stdout + stderr, /HostKeyChanged/);
  });

  it("nobody is taken on without the key that was compared, and nothing is written then", async () => {
    const before = await readFile(site.manifestPath, "utf8");
    const { stderr } = await site.demand(1, "approve", "db-slave-02", "--yes");
    assert.match(stderr, /NotApproved|--yes takes --fingerprint/);
    const other = printOf(site.lab.host("proxy-01").hostKey);
    assert.match(
      (await site.demand(1, "approve", "db-slave-02", "--yes", "--fingerprint", other)).stderr,
      /does not show/,
    );
    assert.equal(await readFile(site.manifestPath, "utf8"), before);
  });

  it(
    "one command a host approves it, key, machine and volume, for all resources that name it, after saying " +
      "what it lost",
    async () => {
      for (const host of REBUILT) {
        const fingerprint = printOf(site.lab.host(host).hostKey);
        const { stdout } = await site.demand(0, "approve", host, "--yes", "--fingerprint", fingerprint);
        for (const part of ["host key", "machine-id", "lost: packages", fingerprint])
          assert.ok(stdout.includes(part), stdout);
        if (host === "db-slave-02") assert.match(stdout, /volume +[0-9a-f-]{36} +[0-9a-f-]{36}[\s\S]*lost: its data/);
        assert.match((await site.demand(0, "approve", host)).stdout, /nothing to approve/);
      }
      const text = await readFile(site.manifestPath, "utf8");
      assert.equal(text.split(site.lab.host("proxy-02").hostKey).length, 3, "its key is changed in both pools");
    },
  );

  it(
    "approved, they are put back: the member joins the cluster that is there, and nothing else is " + "touched",
    async () => {
      await site.demand(2, "plan");
      await site.demand(0, "apply", "--yes");
      await ledger.add();
      await ledger.assertKept();
      assert.deepEqual(await unitsOfOthers(), others, "units of the hosts that stayed run on");
      await site.demand(0, "plan");
    },
  );

  const declare = (policy: "Stop" | "Purge") =>
    site.edit((manifests) => {
      for (const { kind, spec } of manifests) {
        spec["deletionPolicy"] = policy;
        if (kind === "PostgresHACluster" && policy === "Purge") spec["purgeConfirmation"] = "keybuzz-pg";
      }
    });
  /** On each host, which of pgha's units are not down and kept from coming back. */
  const stillUp = async (): Promise<readonly string[]> =>
    (
      await Promise.all(
        site.lab.hosts.map(async ({ name }) =>
          (await unitTimes(site.lab, name, OUR_UNITS))
            .filter((unit) => !/ActiveState=inactive/.test(unit) || /UnitFileState=enabled/.test(unit))
            .map((unit) => `${name}: ${unit}`),
        ),
      )
    ).flat();

  it("stopped by pgha delete, it stays so, and apply brings everything back on the same data", async () => {
    await declare("Stop");
    const systemIds = await ledger.systemIds();
    const { stdout } = await site.demand(0, "delete", "--yes");
    assert.match(
      stdout,
      /PgBouncerPool\/\S+ is stopped[^]*HAProxyPool\/\S+ is stopped[^]*PostgresHACluster\/\S+ is stopped/,
    );
    assert.deepEqual(await stillUp(), []);
    await site.demand(0, "apply", "--yes");
    await ledger.add();
    await ledger.assertKept();
    assert.deepEqual(await ledger.systemIds(), systemIds);
  });

  it("purged, and killed in the middle of the data, the next run ends it: only what is promised is left", async () => {
    await declare("Purge");
    const words = ["delete", "--yes", "--purge", "keybuzz-pg"];
    const { exitCode } = await pghaKilled(
      site.folder,
      words,
      ({ event, change }) => event === "step-started" && change === "remove-data",
    );
    assert.equal(exitCode, null, "it was killed in the middle");
    assert.ok((await site.secrets()).has("keybuzz-pg-superuser"), "who may still need it has it");
    await until("the next run ends it", async () => (await site.pgha(...words)).exitCode === 0, 60_000);
    assert.deepEqual(await stillUp(), []);
    const ours = /pgha|pgdata|\/raft|patroni\.service\.d|patroni\/config\.yml$|createcluster\.d\/./;
    for (const { name } of site.lab.hosts) {
      const paths = (await filesOf(site.lab, name)).map((line) => line.split(" ")[0] ?? "");
      assert.deepEqual(
        paths.filter((path) => ours.test(path)),
        [],
        name,
      );
      const masked = name.startsWith("proxy") ? "haproxy" : "postgresql";
      assert.ok(paths.includes(`/etc/systemd/system/${masked}.service`), `${name}: masks and packages stay`);
    }
    assert.deepEqual([...(await site.secrets()).keys()], ["vm-ssh"]);
    assert.deepEqual(await readdir(join(site.stateFolder, "status")), []);
  });
});
