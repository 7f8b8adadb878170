import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../kube/until.ts";
import { Ledger } from "./support/ledger.ts";
import { leaderOf } from "./support/psql.ts";
import { killMembers, raftStatus, readConfiguration, startMembers, writeConfiguration } from "./support/raft.ts";
import { becomesReady } from "./support/ready.ts";
import { MEMBERS, openAppliedSite } from "./support/site.ts";
import type { Site } from "./support/site.ts";

/** With the distribution's 0.3.14 seven of eight rounds lose. */
const ROUNDS = 3;
const WRITES = 20;

describe("a RAFT node with a higher term and an old journal, started first", () => {
  let site: Site;
  let ledger: Ledger;
  before(async () => {
    site = await openAppliedSite();
    ledger = new Ledger(site);
  });
  after(async () => site.close());

  it("runs on the pinned PySyncObj on every member", async () => {
    for (const host of MEMBERS) assert.equal((await raftStatus(site, host)).version, "0.3.17");
  });

  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`keeps what Patroni acknowledged meanwhile (round ${round} of ${ROUNDS})`, async (test) => {
      const { leader, peer, stale } = await chooseRoles(site);
      const term = await makeStale(site, stale, [leader, peer]);

      for (let write = 1; write <= WRITES; write += 1)
        await writeConfiguration(site, leader, { journey_marker: round * 1000 + write });
      await ledger.add();
      const terms = await Promise.all([leader, peer].map(async (host) => (await raftStatus(site, host)).term));
      assert.ok(
        Math.max(...terms) < term,
        `the stale node ${stale} has term ${term}, the others ${terms.join(" and ")}`,
      );

      await killMembers(site, leader, peer);
      await startMembers(site, stale, peer);
      await until(
        "a quorum of the stale node and one peer",
        async () => (await raftStatus(site, peer)).hasQuorum,
        120_000,
        250,
      );
      await startMembers(site, leader);
      const expected = round * 1000 + WRITES;
      for (const host of MEMBERS) {
        await until(
          `${host} to know the acknowledged /config`,
          async () => (await readConfiguration(site, host))?.["journey_marker"] === expected,
          120_000,
          250,
        );
      }
      const healed = await becomesReady(site, "the cluster after a cold start");
      await ledger.add();
      await ledger.assertKept();
      test.diagnostic(
        `stale ${stale} at term ${term}, others at ${terms.join(" and ")}; Ready again after ${healed.toFixed(0)} s`,
      );
    });
  }

  it("a journal that was cut in half is told apart, and the node comes back as it is printed", async () => {
    const { stale } = await chooseRoles(site);
    const journal = `/opt/keybuzz/postgres/data/raft/${site.lab.host(stale).address}:7000.journal`;
    await killMembers(site, stale);
    const cut = await site.lab.exec(stale, `truncate -s $(($(stat -c %s ${journal}) / 2 + 1)) ${journal}`);
    assert.equal(cut.exitCode, 0, cut.stderr);
    await startMembers(site, stale);
    const wayOut = await until("it is said", async () => {
      const { waits } = JSON.parse((await site.pgha("plan", "-o", "json")).stdout) as {
        readonly waits: readonly { readonly reason: string; readonly host?: string; readonly wayOut: string }[];
      };
      const found = waits.find(({ host }) => host === stale);
      return found !== undefined && /^(MemberLooping|PatroniNotAnswering)$/.test(found.reason)
        ? found.wayOut
        : undefined;
    });
    const [typed = ""] = /systemctl stop .*$/.exec(wayOut) ?? [];
    assert.equal((await site.lab.exec(stale, typed)).exitCode, 0, typed);
    await becomesReady(site, "the node that lost its journal");
    await ledger.add();
    await ledger.assertKept();
  });

  it("leaves nothing to do", async () => {
    await site.demand(0, "plan");
  });
});

interface Roles {
  readonly leader: string;
  readonly peer: string;
  /** Neither leads PostgreSQL nor RAFT, so that the others go on without it. */
  readonly stale: string;
}

async function chooseRoles(site: Site): Promise<Roles> {
  const leader = await leaderOf(site);
  const raftLeader = (await raftStatus(site, leader)).leader;
  const stale = MEMBERS.find((host) => host !== leader && !raftLeader.startsWith(`${site.lab.host(host).address}:`));
  const peer = MEMBERS.find((host) => host !== leader && host !== stale);
  assert.ok(stale !== undefined && peer !== undefined);
  return { leader, peer, stale };
}

/**
 * Cut off without a goodbye, a node takes its partners for silent and stands for election until it notices that it is
 * alone: its term climbs. Then it dies, and misses what the others go on to acknowledge. Resolves with its term.
 */
async function makeStale(site: Site, stale: string, others: readonly string[]): Promise<number> {
  const { term: before } = await raftStatus(site, stale);
  for (const other of others) await site.lab.partition(stale, other);
  const term = await until(
    `the term of ${stale} to climb`,
    async () => {
      const { term: now } = await raftStatus(site, stale);
      return now > before ? now : undefined;
    },
    60_000,
  );
  await killMembers(site, stale);
  for (const other of others) await site.lab.unpartition(stale, other);
  return term;
}
