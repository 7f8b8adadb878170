import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../kube/until.ts";
import { Ledger } from "./support/ledger.ts";
import { demandLocalSql, leaderOf } from "./support/psql.ts";
import { becomesReady } from "./support/ready.ts";
import { longestPause, openClients, openReaders } from "./support/clients.ts";
import { installed, offerNewer } from "./support/newer-packages.ts";
import { clusterOf, MEMBERS, openAppliedSite, PROXIES } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import { OUR_UNITS } from "./support/traces.ts";
import { Writer } from "./support/writer.ts";

/** The leader key lives for 20 s; what comes after took 1 to 4 s in the lab. */
const FAST_OUTAGE_MS = 40_000;
const PGDATA = "/opt/keybuzz/postgres/data/pgdata";

const PATRONI_VERSION = "/usr/lib/python3/dist-packages/patroni/version.py";

interface PlannedStep {
  readonly host?: string;
  readonly description: string;
}

describe("hosts that go away and come back", () => {
  let site: Site;
  let ledger: Ledger;
  before(async () => {
    site = await openAppliedSite();
    ledger = new Ledger(site);
    await ledger.add();
  });
  after(async () => site.close());

  /** Main processes, that of PostgreSQL among them. */
  const processes = async (): Promise<readonly string[]> =>
    Promise.all(
      [...MEMBERS, ...PROXIES].map(async (host) => {
        const asked = `systemctl show -P MainPID ${OUR_UNITS.join(" ")}; head -n 1 ${PGDATA}/postmaster.pid 2>/dev/null`;
        return (await site.lab.exec(host, asked)).stdout;
      }),
    );
  const patroniOf = (manifests: Parameters<Parameters<Site["edit"]>[0]>[0]): Record<string, unknown> =>
    clusterOf(manifests).spec["patroni"] as Record<string, unknown>;

  it("F33: after a clean reboot of each, one by one, everything is Ready with nobody's help", async (test) => {
    const leader = await leaderOf(site);
    for (const host of [...MEMBERS.filter((member) => member !== leader), leader, ...PROXIES]) {
      const writer = await Writer.start(
        site,
        host === "proxy-02" ? "proxy-01" : "proxy-02",
        `reboot_of_${host.replaceAll("-", "_")}`,
      );
      await site.lab.reboot(host);
      const seconds = await becomesReady(site, `after the reboot of ${host}`);
      const { longestGap, refused } = await writer.stop();
      await ledger.add();
      test.diagnostic(
        `${host}${host === leader ? " (leader)" : ""}: Ready ${seconds.toFixed(0)} s after its boot; ` +
          `longest time between two writes ${longestGap.toFixed(1)} s, ${refused} refused`,
      );
    }
    await ledger.assertKept();
    await site.demand(0, "plan");
  });

  it("newer packages are told, and installed one member at a time: nothing of who writes and reads meanwhile fails", async (test) => {
    const former = await leaderOf(site);
    const offered = [
      ...MEMBERS.map(
        (host) => [host, [{ name: "patroni", says: PATRONI_VERSION }, { name: "postgresql-17" }]] as const,
      ),
      ...PROXIES.map((host) => [host, [{ name: "haproxy" }, { name: "pgbouncer" }]] as const),
    ];
    await Promise.all(offered.map(async ([host, packages]) => offerNewer(site.lab, host, packages)));
    assert.match((await site.demand(0, "plan")).stdout, /[Nn]othing to do/);
    await until("a look has what apt says", async () =>
      /(?:patroni \S+ can be had[^]*){3}(?:haproxy \S+newer1 can be had[^]*){2}/.test(
        (await site.pgha("status")).stdout,
      ),
    );

    const automatic = async (...kinds: readonly string[]) =>
      site.edit((manifests) => {
        for (const { kind, spec } of manifests) if (kinds.includes(kind)) spec["packages"] = { upgrade: "Automatic" };
      });
    await automatic("PostgresHACluster");
    const { steps } = JSON.parse((await site.demand(2, "plan", "-o", "json")).stdout) as { steps: PlannedStep[] };
    const restarts = steps.filter(({ description }) => !description.startsWith("record "));
    const upgrade = "upgrade postgresql-17 to, patroni to, restart Patroni and PostgreSQL (replica)";
    assert.deepEqual(
      restarts.map(({ description }) =>
        description.replaceAll(/(?<=-17| patroni| to) \d[^ ,]*/g, "").replace(/db-\S+/, "X"),
      ),
      [upgrade, upgrade, "restart PostgreSQL (leader), X leads instead", upgrade],
    );
    assert.deepEqual(
      restarts.slice(2).map(({ host }) => host),
      [former, former],
    );
    const clients = await openClients(site, PROXIES);
    const readers = await openReaders(site, PROXIES);
    const applied = await site.pgha("apply", "--yes");
    const [{ longestMs, transactions, failures, ...report }, reads] = [await clients.stop(), await readers.stop()];
    assert.equal(applied.exitCode, 0, applied.stderr);
    test.diagnostic(
      `${transactions.length} transactions, longest ${(longestMs / 1000).toFixed(2)} s; ${reads.read} reads, longest ` +
        `${(reads.longestMs / 1000).toFixed(2)} s; ${[...failures.keys(), ...reads.failures.keys()].join("; ")}`,
    );
    assert.deepEqual(report, { failed: 0, lost: 0, twice: 0, stale: 0 });
    assert.deepEqual([reads.failed, reads.fromLeader], [0, 0]);
    assert.notEqual(await leaderOf(site), former);

    await automatic("PgBouncerPool");
    const declare = async (haproxy: string) =>
      site.edit((manifests) => {
        for (const { kind, spec } of manifests)
          if (kind === "HAProxyPool") spec["packages"] = { versions: { haproxy } };
      });
    await declare("99.1-1");
    assert.match((await site.pgha("plan")).stdout, /no package source of the host\s+has 99\.1-1/);
    const policy = await site.lab.exec("proxy-01", "apt-cache policy haproxy");
    await declare(/Candidate: (\S+)/.exec(policy.stdout)?.[1] ?? "");
    await site.demand(0, "apply", "--yes");
    assert.match((await site.demand(0, "plan")).stdout, /[Nn]othing to do/);
    assert.doesNotMatch((await site.pgha("status")).stdout, /can be had/);
    for (const host of [...MEMBERS, ...PROXIES]) {
      const old = await site.lab.exec(
        host,
        "ls -l /proc/*/exe 2>/dev/null | grep -E '(postgres|haproxy|pgbouncer) .deleted'",
      );
      assert.equal(old.stdout, "", `${host} runs what was installed before`);
      const masks = await site.lab.exec(host, "ls /run/systemd/system | grep -E 'patroni|haproxy|pgbouncer'");
      assert.equal(masks.stdout, "", host);
    }
    for (const member of MEMBERS) {
      const { stdout } = await site.lab.exec(member, `curl -s http://${site.lab.host(member).address}:8008/patroni`);
      const { patroni } = JSON.parse(stdout) as { patroni: { version: string } };
      assert.ok((await installed(site.lab, member, "patroni")).startsWith(patroni.version), member);
    }
  });

  it("a power cut of the leader's host at failover Fast, with synchronous replication: no acknowledged commit is lost, and all hosts come back from nothing", async (test) => {
    const running = await processes();
    await site.edit((manifests) => {
      Object.assign(patroniOf(manifests), { failover: "Fast", synchronousMode: "enabled" });
    });
    await site.demand(0, "apply", "--yes");
    assert.deepEqual(await processes(), running, "reloads alone bring it about");
    for (const host of MEMBERS)
      assert.match((await site.lab.exec(host, `cat ${PGDATA}/patroni.dynamic.json`)).stdout, /"ttl": 20/, host);

    const leader = await leaderOf(site);
    const clients = await openClients(site, PROXIES);
    await until("a synchronous standby", async () =>
      /sync|quorum/.test(await demandLocalSql(site, leader, "SELECT sync_state FROM pg_stat_replication")),
    );
    const before = clients.acknowledged;
    await until("some commits", async () => clients.acknowledged > before + 100);
    const cutAt = performance.now();
    await site.lab.crash(leader);
    const cut = clients.acknowledged;
    await until("writes go on", async () => clients.acknowledged > cut + 100, 60_000, 100);
    const { transactions, failures: _, failed, longestMs, ...report } = await clients.stop();
    const stoodStillMs = longestPause(transactions, cutAt);
    test.diagnostic(
      `writes stood still for ${(stoodStillMs / 1000).toFixed(1)} s; ${failed} transactions failed, longest ` +
        `${(longestMs / 1000).toFixed(1)} s; ${report.lost} of ${transactions.length} acknowledged ones lost`,
    );
    assert.deepEqual(report, { lost: 0, twice: 0, stale: 0 });
    assert.ok(stoodStillMs < FAST_OUTAGE_MS, `${stoodStillMs} ms`);
    await ledger.add();

    const others = MEMBERS.filter((member) => member !== leader);
    await Promise.all([...others, ...PROXIES].map(async (host) => site.lab.crash(host)));
    // Who was away when the others went on is there first, and then comes who may know less than the last.
    for (const host of [leader, PROXIES[0], ...others, PROXIES[1]]) await site.lab.boot(host);
    const seconds = await becomesReady(site, "after the boot of all");
    test.diagnostic(`Ready ${seconds.toFixed(0)} s after the last of all hosts booted`);
    await ledger.assertKept();
    await site.demand(0, "plan");
  });
});
