import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { until } from "../kube/until.ts";
import { CONNECTIONS, openClients, openEndless, openReaders } from "./support/clients.ts";
import { poolerHeld, poolersLetGo } from "./support/pooler-lease.ts";
import { pghaKilledWhen } from "./support/pgha.ts";
import { demandLocalSql, leaderOf, localSql } from "./support/psql.ts";
import { clusterOf, MEMBERS, openAppliedSite, PROXIES } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import { leftInPeace } from "./support/former-poolers.ts";
import { OUR_UNITS, tracesOf, unitTimes } from "./support/traces.ts";
import { editByHand, readByHand } from "./support/by-hand.ts";
import { Writer } from "./support/writer.ts";

interface StatedSpec {
  readonly postgresql: { readonly parameters: object };
  readonly databases: readonly { readonly extensions: string[] }[];
}

interface StatedPlan {
  readonly blockers: readonly { readonly reason: string; readonly host?: string; readonly wayOut: string }[];
}

describe("what is declared is in force in what runs, or it is said", () => {
  let site: Site;
  before(async () => {
    site = await openAppliedSite();
  });
  after(async () => site.close());

  const startOf = async (member: string) =>
    Number(await demandLocalSql(site, member, "SELECT extract(epoch FROM pg_postmaster_start_time())"));

  it(
    "a process older than its unit is restarted, one pooler at a time, and what stands beside a unit " + "is said",
    async (test) => {
      const limit = (host: string) => site.lab.exec(host, "systemctl show -P LimitNOFILE pgha-pgbouncer");
      const times = await unitTimes(site.lab, "proxy-02", OUR_UNITS);
      const clients = await openClients(site, PROXIES, { renew: true });
      await site.edit((manifests) => {
        for (const { kind, spec } of manifests) if (kind === "PgBouncerPool") spec["maxClientConnections"] = 60_000;
      });
      const { stdout: plan } = await site.demand(2, "plan");
      assert.match(plan.replaceAll(/\s+/g, " "), /^(?=.*started from another unit file).*stay so for up to 5 min, new/);
      await site.demand(0, "apply", "--yes");
      await leftInPeace(site, clients, (words) => test.diagnostic(words));
      for (const proxy of PROXIES) assert.equal((await limit(proxy)).stdout, "121024\n", proxy);
      assert.notDeepEqual(await unitTimes(site.lab, "proxy-02", OUR_UNITS), times);

      const leader = await leaderOf(site);
      const replica = MEMBERS.find((member) => member !== leader) ?? "";
      const dropIns = "/etc/systemd/system/patroni.service.d";
      await site.lab.exec(replica, `echo 'TimeoutStopSec=7' >>${dropIns}/pgha.conf`);
      await site.lab.exec(replica, `echo '#' >>"$(ls -d /opt/pgha/pysyncobj-*/pysyncobj)/version.py"`);
      const steps = await site.demand(2, "plan", "-o", "json");
      assert.deepEqual(
        (JSON.parse(steps.stdout) as { steps: { id: string }[] }).steps.map(({ id }) => id.replace(/-[\d.]+$/, "")),
        [
          `${replica}/PostgresHACluster/keybuzz-pg/artifact /opt/pgha/pysyncobj`,
          `${replica}/PostgresHACluster/keybuzz-pg/file ${dropIns}/pgha.conf`,
          `${replica}/PostgresHACluster/keybuzz-pg/units`,
        ],
      );
      await site.demand(0, "apply", "--yes");
      const { stdout: unread } = await site.lab.exec(replica, "systemctl show -P NeedDaemonReload patroni");
      assert.equal(unread, "no\n");

      await site.lab.exec(
        replica,
        `printf '[Service]\\nEnvironment=PYTHONPATH=/nowhere\\n' >${dropIns}/zz.conf && systemctl daemon-reload`,
      );
      const blocked = await site.demand(1, "plan");
      assert.match(blocked.stdout + blocked.stderr, /zz\.conf .*would be without PYTHONPATH=/s);
      await site.lab.exec(replica, `rm ${dropIns}/zz.conf`);
      await site.demand(0, "apply", "--yes");
      assert.match((await site.demand(0, "plan")).stdout, /[Nn]othing to do/);
    },
  );

  it("what a process read while somebody had edited its file, the mark kept, is read anew, put back by whomever", async () => {
    const [one, two] = PROXIES;
    const leader = await leaderOf(site);
    const replica = MEMBERS.find((member) => member !== leader) ?? "";
    const inForce = async () => readByHand(site.lab, replica);
    const before = await inForce();
    await editByHand(site.lab, replica);
    const changed = await inForce();
    for (const [what, value] of Object.entries(before)) assert.notEqual(changed[what], value, what);

    const { steps } = JSON.parse((await site.demand(2, "plan", "-o", "json")).stdout) as { steps: { id: string }[] };
    assert.deepEqual(steps.map(({ id }) => id.replace(/\/\w+\/[\w-]+\//, " ")).toSorted(), [
      `${replica} file /etc/patroni/config.yml`,
      `${replica} reload patroni.service`,
      `${one} file /etc/pgha/haproxy/haproxy.cfg`,
      `${one} reload pgha-haproxy.service`,
      `${two} reload pgha-pgbouncer.service`,
      `${two} restart pgha-haproxy.service`,
    ]);
    await site.demand(0, "apply", "--yes");
    assert.deepEqual(await inForce(), before);
    assert.match((await site.demand(0, "plan")).stdout, /[Nn]othing to do/);
  });

  it("a pooler that dies at its start for a reason of its own is told in its own words", async () => {
    const dropIn = "/run/systemd/system/pgha-pgbouncer.service.d/zz.conf";
    await site.lab.exec(
      "proxy-01",
      `mkdir -p "$(dirname ${dropIn})"; systemctl stop pgha-pgbouncer; printf '[Service]\n` +
        `InaccessiblePaths=/etc/pgha/pgbouncer/pgbouncer.ini\n' >${dropIn}; systemctl daemon-reload`,
    );
    const { stdout, stderr } = await site.demand(1, "apply", "--yes");
    assert.match(
      (stdout + stderr).replaceAll(/\s+/g, " "),
      /pgha-pgbouncer.*(?:pgbouncer\.ini.*Permission denied|[Cc](?:annot|ould not) (?:load|open).*pgbouncer\.ini)/,
    );
    await site.lab.exec("proxy-01", `rm ${dropIn}; systemctl daemon-reload`);
    await site.demand(0, "apply", "--yes");
  });

  it(
    "a restart: replicas before the leader for what is raised, after it for what is lowered, refused " +
      "beside one that is away",
    async (test) => {
      const leader = await leaderOf(site);
      const replicas = MEMBERS.filter((member) => member !== leader);
      const declare = async (most: number) =>
        site.edit((manifests) => {
          const spec = clusterOf(manifests).spec as unknown as StatedSpec;
          Object.assign(spec.postgresql.parameters, { max_connections: most });
        });
      const inForce = async () =>
        Promise.all(MEMBERS.map(async (member) => demandLocalSql(site, member, "SHOW max_connections")));
      const [first = "", second = ""] = replicas;

      const writer = await Writer.start(site, "proxy-02", "members_restart", PROXIES);
      const readers = await openReaders(site, PROXIES);
      await declare(250);
      const { stdout: shown } = await site.demand(2, "plan");
      assert.equal(shown.match(/restart PostgreSQL \(replica\) \[restart\]/g)?.length, 1, shown);
      assert.match(
        shown,
        /restart PostgreSQL \(leader\), \S+ leads instead \[disruptive\][^]*nothing of theirs fails[^]*2 restart, 1 disruptive/,
      );
      const { exitCode } = await site.applyKilled(
        ({ event, change, host }) => event === "step-started" && change === "restart-member" && host === second,
      );
      assert.equal(exitCode, null, "it was killed in the middle");
      const before = await startOf(first);
      await until(
        "what was begun there is over",
        async () => (await site.pgha("restart", "--pending", "--yes")).exitCode === 0,
        120_000,
      );
      assert.equal(await startOf(first), before, "who was restarted before is not restarted again");
      assert.deepEqual(await inForce(), ["250", "250", "250"]);
      assert.match((await site.demand(0, "plan")).stdout, /[Nn]othing to do/);
      const reads = await readers.stop();
      test.diagnostic(`${reads.read} reads, the longest ${(reads.longestMs / 1000).toFixed(2)} s`);
      assert.deepEqual([reads.failed, reads.fromLeader], [0, 0], [...reads.failures.keys()].join("; "));
      const starts = await Promise.all(replicas.map(startOf));
      assert.ok(Math.max(...starts) < (await startOf(leader)), "replicas first");
      const { acknowledged, longestGap, refused } = await writer.stop();
      const now = await leaderOf(site);
      assert.notEqual(now, leader, "another leads");
      const rows = Number(await demandLocalSql(site, now, "SELECT count(*) FROM members_restart", "keybuzz"));
      test.diagnostic(`longest time between two writes ${longestGap.toFixed(1)} s, ${refused} refused`);
      assert.ok(rows >= acknowledged.length, `${acknowledged.length} rows were acknowledged, ${rows} are there`);
      assert.equal(refused, 0);

      const others = MEMBERS.filter((member) => member !== now);
      await declare(150);
      await site.demand(0, "apply", "--yes");
      assert.deepEqual(await inForce(), ["150", "150", "150"]);
      assert.ok((await startOf(now)) < Math.min(...(await Promise.all(others.map(startOf)))), "the leader first");

      const [away = "", another = ""] = others;
      await site.lab.cut(away);
      const down = await site.demand(1, "restart", another, "--yes");
      assert.match(down.stderr, /1 of 3 members\s+would serve, and a majority is 2/);
      await site.lab.heal(away);
      await declare(200);
      await site.demand(0, "apply", "--yes");
    },
  );

  it(
    "a Patroni that is older than its unit: the replica restarts as a whole, then who led, once another leads, " +
      "also when it is killed in between",
    async (test) => {
      const former = await leaderOf(site);
      const [old = "", leader = ""] = MEMBERS.filter((member) => member !== former);
      const streaming = async (member: string) =>
        until(
          `two stream from ${member}`,
          async () =>
            (await localSql(site, member, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"))
              .stdout === "2\n",
          60_000,
        );
      for (const member of [old, leader]) {
        // As an earlier pgha would have started it: by a drop-in with another mark.
        await site.lab.exec(
          member,
          "sed -i s/PGHA_UNIT=.*/PGHA_UNIT=00/ /etc/systemd/system/patroni.service.d/pgha.conf && " +
            "systemctl daemon-reload && systemctl restart patroni",
        );
        await streaming(former);
      }
      await site.lab.exec(
        former,
        `patronictl -c /etc/patroni/config.yml switchover keybuzz-pg --leader ${former} --candidate ${leader} --force`,
      );
      await streaming(leader);

      const { stdout: shown } = await site.demand(2, "plan");
      assert.match(shown, /restart Patroni and PostgreSQL \(replica\) \[restart\]/);
      assert.match(shown, /restart PostgreSQL \(leader\), \S+ leads instead \[disruptive\]/);
      assert.match((await site.pgha("status")).stdout, /Patroni runs since before its unit was changed/);
      const writer = await Writer.start(site, "proxy-01", "old_patroni", PROXIES);
      await site.applyKilled(
        ({ event, change, host }) => event === "step-started" && change === "restart-member" && host === old,
      );
      await site.demand(0, "restart", "--pending", "--yes");
      const { acknowledged, longestGap, refused } = await writer.stop();
      const now = await leaderOf(site);
      const rows = Number(await demandLocalSql(site, now, "SELECT count(*) FROM old_patroni", "keybuzz"));
      test.diagnostic(`longest time between two writes ${longestGap.toFixed(1)} s, ${refused} refused`);
      assert.ok(rows >= acknowledged.length, `${acknowledged.length} rows were acknowledged, ${rows} are there`);
      assert.notEqual(now, leader, "another leads");
      assert.equal(refused, 0);
      for (const member of [old, leader]) {
        const environment = `tr '\\0' '\\n' </proc/$(systemctl show -P MainPID patroni)/environ`;
        assert.doesNotMatch((await site.lab.exec(member, environment)).stdout, /^PGHA_UNIT=00$/m, member);
      }
      assert.match((await site.demand(0, "plan")).stdout, /[Nn]othing to do/);
    },
  );

  it("a switchover: nothing of who comes through the poolers fails, whoever is killed, goes on for ever or is cut off", async (test) => {
    const clients = await openClients(site, PROXIES);
    const first = await leaderOf(site);
    await site.demand(0, "switchover", "--yes");
    const second = await leaderOf(site);
    assert.notEqual(second, first);
    test.diagnostic(`stall of a switchover ${(clients.lap().longestMs / 1000).toFixed(2)} s`);

    const before = clients.failed;
    await pghaKilledWhen(site.folder, ["switchover", "--to", first, "--yes"], poolerHeld(site, "proxy-01"));
    await poolersLetGo(site);
    test.diagnostic(`stall where pgha is killed meanwhile ${(clients.lap().longestMs / 1000).toFixed(2)} s`);
    const switched = async () => (await site.pgha("switchover", "--to", first, "--yes")).exitCode === 0;
    await until("it goes on", switched, 90_000);
    assert.equal(await leaderOf(site), first);
    // A Patroni that was told, and comes to it once the poolers wait no longer, cuts what runs by then.
    const cutOff = clients.failed - before;
    assert.ok(cutOff <= CONNECTIONS, `${cutOff} failed`);

    const endless = openEndless(site, "proxy-01");
    await endless.begun;
    const { stderr } = await site.demand(1, "switchover", "--yes");
    assert.match(stderr, /transactions did not end within 2 s[^]*keybuzz in keybuzz/);
    await endless.cancel();
    assert.equal(await leaderOf(site), first);
    assert.match((await site.demand(0, "switchover", "--cancel")).stdout, /does not happen/);
    const { failed, failures, lost, twice, stale, transactions } = await clients.stop();
    test.diagnostic(`${transactions.length} transactions: ${[...failures.keys()].join("; ") || "none failed"}`);
    assert.deepEqual({ failed, lost, twice, stale }, { failed: cutOff, lost: 0, twice: 0, stale: 0 });

    const beside = await openClients(site, ["proxy-01"]);
    const goesOn = async () =>
      until("it goes on", async () => (await site.pgha("apply", "--yes")).exitCode === 0, 90_000);
    const cutOffMeanwhile = async () => {
      const cut = poolerHeld(site, "proxy-02").then(async () => site.lab.cut("proxy-02"));
      const { exitCode } = await site.pgha("switchover", "--yes");
      await cut;
      if (exitCode === 1) return true;
      // It was over before the cable was out.
      await site.lab.heal("proxy-02");
      await goesOn();
      return false;
    };
    await until("a cable is pulled in the middle", cutOffMeanwhile, 180_000);
    await site.lab.heal("proxy-02");
    await until("it goes on", async () => (await site.pgha("switchover", "--yes")).exitCode === 0, 90_000);
    await goesOn();
    const { longestMs, ...report } = await beside.stop();
    test.diagnostic(`stall beside a proxy that is cut off ${(longestMs / 1000).toFixed(2)} s`);
    assert.deepEqual([report.failed, report.lost], [0, 0], [...report.failures.keys()].join("; "));
    assert.ok(longestMs < 15_000);
  });

  it(
    "settings: what a host lacks is refused untouched, what waits or is overridden is not Ready, and all " +
      "is taken back",
    async () => {
      const leader = await leaderOf(site);
      const replica = MEMBERS.find((member) => member !== leader) ?? "";
      const manifest = await readFile(site.manifestPath, "utf8");
      const declare = async (parameters: Readonly<Record<string, unknown>>, extensions: readonly string[] = []) => {
        await writeFile(site.manifestPath, manifest);
        await site.edit((manifests) => {
          const spec = clusterOf(manifests).spec as unknown as StatedSpec;
          Object.assign(spec.postgresql.parameters, parameters);
          spec.databases[0]?.extensions.push(...extensions);
        });
      };
      const reasons = async () =>
        (JSON.parse((await site.pgha("plan", "-o", "json")).stdout) as StatedPlan).blockers.map(
          ({ reason, host }) => `${reason} ${host ?? ""}`,
        );
      const on = (reason: string) => MEMBERS.map((member) => `${reason} ${member}`);

      const before = await tracesOf(site.lab);
      await declare({ lc_messages: "xx_YY.UTF-8", session_preload_libraries: "no_such", work_mem: "5MB" }, ["hypopg"]);
      const refused = await site.demand(1, "apply", "--yes");
      assert.match(refused.stdout + refused.stderr, /postgresql-17-hypopg/);
      assert.deepEqual(
        (await reasons()).toSorted(),
        [...on("ExtensionUnavailable"), ...on("FileMissing"), ...on("LocaleMissing")].toSorted(),
      );
      assert.deepEqual(await tracesOf(site.lab), before);

      // Whoever is restarted with it does not come back, since PostgreSQL cannot open its log: so it is tried on one
      // replica.
      await declare({ logging_collector: "on", log_directory: "/proc/nowhere" });
      const others = MEMBERS.filter((member) => member !== replica);
      const starts = await Promise.all(others.map(startOf));
      // A busy host takes longer to say so than Patroni waits for it.
      const { stderr } = await site.demand(1, "apply", "--yes");
      assert.match(stderr, /restart failed|start failed/);
      assert.deepEqual(await Promise.all(others.map(startOf)), starts);
      assert.notEqual((await site.pgha("status")).exitCode, 0);
      assert.equal((await localSql(site, replica, "SELECT 1")).exitCode, 2, "it is down");
      await declare({ work_mem: "6MB" });
      await site.demand(0, "apply", "--yes");
      assert.equal(await demandLocalSql(site, replica, "SHOW work_mem"), "6MB");

      await demandLocalSql(site, replica, "ALTER SYSTEM SET work_mem = '7MB'");
      await demandLocalSql(site, replica, "SELECT pg_reload_conf()");
      await until("it is told", async () => (await reasons()).join() === `ParameterOverridden ${replica}`, 20_000);
      const { blockers } = JSON.parse((await site.pgha("plan", "-o", "json")).stdout) as StatedPlan;
      const printed = blockers[0]?.wayOut.split("as root: ")[1] ?? "false";
      assert.equal((await site.lab.exec(replica, printed)).exitCode, 0, printed);
      await writeFile(site.manifestPath, manifest);
      await site.demand(0, "apply", "--yes");
      assert.deepEqual(await reasons(), []);
    },
  );
});
