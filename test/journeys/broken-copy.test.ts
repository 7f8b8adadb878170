import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../kube/until.ts";
import { openReaders } from "./support/clients.ts";
import { Ledger } from "./support/ledger.ts";
import { demandLocalSql, leaderOf } from "./support/psql.ts";
import { becomesReady } from "./support/ready.ts";
import { clusterOf, MEMBERS, openAppliedSite, PROXIES } from "./support/site.ts";
import type { Site } from "./support/site.ts";

const PGDATA = "/opt/keybuzz/postgres/data/pgdata";
const PROGRAMS = "/usr/lib/postgresql/17/bin";

interface Told {
  readonly reason: string;
  readonly host?: string;
  readonly why: string;
  readonly wayOut: string;
}

describe("a replica whose copy is of no use any more", () => {
  let site: Site;
  let ledger: Ledger;
  before(async () => {
    site = await openAppliedSite();
    ledger = new Ledger(site);
    await ledger.add();
  });
  after(async () => site.close());

  const on = async (host: string, script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await site.lab.exec(host, script);
    assert.equal(exitCode, 0, `${host}: ${script}\n${stdout}${stderr}`);
    return stdout.trim();
  };
  const replica = async (): Promise<string> => {
    const leader = await leaderOf(site);
    return MEMBERS.findLast((member) => member !== leader) ?? "";
  };
  const copyOf = async (host: string): Promise<string> => on(host, `stat -c %i.%.9Z ${PGDATA}/PG_VERSION`);
  const said = async (host: string): Promise<Told> =>
    until(
      `${host} is said to be broken`,
      async () => {
        const { blockers } = JSON.parse((await site.pgha("plan", "-o", "json")).stdout) as {
          readonly blockers: readonly Told[];
        };
        return blockers.find((one) => one.reason === "ReplicaBroken" && one.host === host);
      },
      90_000,
    );
  const asPrinted = async ({ wayOut }: Told): Promise<void> => {
    const command = /patronictl -c \S+ reinit \S+ \S+/.exec(wayOut)?.[0] ?? "";
    // Whether to, and whether also in the middle of one of Patroni's own tries.
    await on(await leaderOf(site), `printf 'y\\ny\\n' | ${command}`);
  };
  /** Its WAL is gone, as with a volume of its own that was lost: PostgreSQL refuses to start. */
  const loseWal = async (host: string): Promise<void> => {
    await on(host, `mv ${PGDATA}/pg_wal ${PGDATA}/../lost; kill -KILL $(head -n 1 ${PGDATA}/postmaster.pid)`);
    await until(`Patroni on ${host} says so`, async () =>
      (await on(host, `curl -s http://${site.lab.host(host).address}:8008/patroni`)).includes("start failed"),
    );
  };
  const declare = async (autoReinit: "enabled" | "disabled"): Promise<void> =>
    site.edit((manifests) => {
      Object.assign(clusterOf(manifests).spec["patroni"] as object, { autoReinit });
    });

  it("that does not start is said, left alone, and made anew by the command that is printed", async () => {
    const host = await replica();
    const copy = await copyOf(host);
    await loseWal(host);
    const told = await said(host);
    assert.match(told.why, /PostgreSQL that does not start \(start failed\)/);
    assert.equal((await site.pgha("apply", "--yes")).exitCode, 1);
    assert.equal(await copyOf(host), copy);
    await asPrinted(told);
    await becomesReady(site, "after patronictl reinit", 60_000);
    assert.notEqual(await copyOf(host), copy);
    await ledger.assertKept();
  });

  it("that does not start heals by itself where that is declared", async (test) => {
    const host = await replica();
    const copy = await copyOf(host);
    await declare("enabled");
    await loseWal(host);
    const start = performance.now();
    const { stdout } = await until("apply makes it anew", async () => {
      const applied = await site.pgha("apply", "--yes");
      return (await copyOf(host).catch(() => copy)) === copy ? undefined : applied;
    });
    assert.equal(stdout.match(/✓ \S+: delete its data and copy it anew/g)?.length, 1, stdout);
    await becomesReady(site, "after that", 60_000);
    test.diagnostic(`Ready ${((performance.now() - start) / 1000).toFixed(0)} s after it was broken`);
    await ledger.assertKept();
  });

  it("of another timeline that only has the leader's number is left to a person, and heals once the leader's is newer", async (test) => {
    const host = await replica();
    const leader = await leaderOf(site);
    const other = MEMBERS.find((member) => member !== host && member !== leader) ?? "";
    // Promoted where nobody hears of it, as by a Patroni that was cut off right after it won an election.
    const options = "-c listen_addresses= -c unix_socket_directories=/tmp -c port=5999 -c primary_conninfo=";
    await on(
      host,
      `systemctl stop patroni; cd /tmp; runuser -u postgres -- sh -ec '
        pg_ctl() { ${PROGRAMS}/pg_ctl -D ${PGDATA} -w -s -l /tmp/aside.log "$@"; }
        pg_ctl -o "${options}" start; pg_ctl promote
        psql -X -q -h /tmp -p 5999 -d keybuzz -c "INSERT INTO ledger SELECT generate_series(1000, 1999)"
        pg_ctl -m fast stop; touch ${PGDATA}/standby.signal'`,
    );
    await ledger.add();
    await demandLocalSql(
      site,
      leader,
      "INSERT INTO ledger SELECT generate_series(1000, 4999); DELETE FROM ledger WHERE row >= 1000",
      "keybuzz",
    );
    const switchOver = async (from: string, to: string): Promise<void> => {
      await on(from, `patronictl -c /etc/patroni/config.yml switchover --leader ${from} --candidate ${to} --force`);
    };
    await switchOver(leader, other);
    await on(host, "systemctl start patroni");
    const copy = await copyOf(host);
    const told = await said(host);
    assert.match(told.why, /on timeline 2, which that of \S+ began at \S+ only.*it may hold what nobody else does/);
    assert.equal((await site.pgha("apply", "--yes")).exitCode, 1);
    assert.equal(await copyOf(host), copy);

    await switchOver(other, leader);
    const readers = await openReaders(site, PROXIES);
    // Those of the switchover by hand may be cut still.
    const calm = async () => {
      const [read, failed] = [readers.read, readers.failed];
      await until("reads", () => readers.read > read + 100);
      return readers.failed === failed;
    };
    await until("readers fail no more", calm, 60_000);
    const { failed } = readers;
    await until("apply makes it anew", async () => {
      await site.pgha("apply", "--yes");
      return (await copyOf(host).catch(() => copy)) !== copy;
    });
    const reads = await readers.stop();
    assert.equal(reads.failed, failed, [...reads.failures.keys()].join("; "));
    test.diagnostic(`${reads.read} reads, the longest ${(reads.longestMs / 1000).toFixed(2)} s`);
    await becomesReady(site, "after that", 60_000);
    await ledger.add();
    await ledger.assertKept();
  });
});
