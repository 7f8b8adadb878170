import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FakeClock } from "./fake-clock.ts";
import { Candidate, LeaseServer } from "./lease-world.ts";
import type { Network } from "./lease-world.ts";

function twoCandidates(): {
  readonly clock: FakeClock;
  readonly server: LeaseServer;
  readonly first: Candidate;
  readonly second: Candidate;
} {
  const clock = new FakeClock();
  const server = new LeaseServer();
  return {
    clock,
    server,
    first: new Candidate("first", server, clock),
    second: new Candidate("second", server, clock),
  };
}

async function leadsFirst(): Promise<ReturnType<typeof twoCandidates>> {
  const world = twoCandidates();
  await world.clock.advance(5_000);
  assert.deepEqual([world.first.elector.isLeader(), world.second.elector.isLeader()], [true, false]);
  return world;
}

async function end(...candidates: readonly Candidate[]): Promise<void> {
  await Promise.all(candidates.map((candidate) => candidate.stop()));
}

test("one of two leads, and goes on leading", async () => {
  const { clock, server, first, second } = await leadsFirst();
  await clock.advance(600_000);
  assert.deepEqual([first.elector.isLeader(), second.elector.isLeader()], [true, false]);
  assert.deepEqual(first.terms, ["begin"]);
  assert.equal(server.lease?.spec?.leaseTransitions, 0);
  assert.match(server.lease?.spec?.renewTime ?? "", /^2026-01-01T00:\d\d:\d\d\.\d{6}Z$/);
  await end(first, second);
});

test("a leader that stops releases, and the other leads within two retries", async () => {
  const { clock, server, first, second } = await leadsFirst();
  await first.stop();
  assert.equal(server.lease?.spec?.holderIdentity, "");
  await clock.advance(4_400);
  assert.equal(second.elector.isLeader(), true);
  assert.deepEqual(first.terms, ["begin", "stopped"]);
  assert.equal(server.lease?.spec?.leaseTransitions, 1);
  await end(second);
});

test("a leader that is cut off stops at 10 s, before the other starts after 15 s", async () => {
  const { clock, first, second } = await leadsFirst();
  first.network = "requests lost";
  await clock.advance(10_000);
  assert.deepEqual([first.elector.isLeader(), second.elector.isLeader()], [false, false]);
  assert.deepEqual(first.terms, ["begin", "lost"]);
  await clock.advance(10_000);
  assert.equal(second.elector.isLeader(), true);
  first.network = "fine";
  await clock.advance(60_000);
  assert.deepEqual([first.elector.isLeader(), second.elector.isLeader()], [false, true]);
  await end(first, second);
});

test("a leader that was frozen may not act from its first instruction on, though no timer has run", async () => {
  const { clock, first, second } = await leadsFirst();
  first.freeze();
  clock.freeze(11_000);
  assert.equal(first.elector.isLeader(), false);
  assert.deepEqual(first.terms, ["begin"], "it has not noticed yet");
  await clock.advance(20_000);
  first.thaw();
  await clock.advance(3_000);
  assert.deepEqual(first.terms, ["begin", "lost"]);
  assert.equal(second.elector.isLeader(), true);
  await end(first, second);
});

test("a virtual machine that was paused shows it by its wall clock alone", async () => {
  const { clock, first, second } = await leadsFirst();
  clock.setWallClock(11_000);
  assert.equal(first.elector.isLeader(), false);
  await end(first, second);
});

test("a wall clock that is set back does not make a lease last longer", async () => {
  const { clock, first, second } = await leadsFirst();
  clock.setWallClock(-3_600_000);
  first.freeze();
  clock.freeze(10_000);
  assert.equal(first.elector.isLeader(), false);
  await end(first, second);
});

test("an answer that was lost does not cost the lead", async () => {
  const { clock, first, second } = await leadsFirst();
  first.network = "answers lost";
  await clock.advance(2_500);
  first.network = "fine";
  await clock.advance(60_000);
  assert.deepEqual(first.terms, ["begin"]);
  await end(first, second);
});

test("a leader that is killed is followed after the lease has run out", async () => {
  const { clock, first, second } = await leadsFirst();
  first.freeze();
  await clock.advance(14_000);
  assert.equal(second.elector.isLeader(), false);
  await clock.advance(5_000);
  assert.equal(second.elector.isLeader(), true);
  await end(first, second);
});

const step = fc.oneof(
  fc.record({
    do: fc.constant("network" as const),
    who: fc.nat(2),
    network: fc.constantFrom<Network>("fine", "requests lost", "answers lost", "slow"),
  }),
  fc.record({ do: fc.constant("freeze" as const), who: fc.nat(2) }),
  fc.record({ do: fc.constant("thaw" as const), who: fc.nat(2) }),
  fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
);

test("never two lead at once, whoever is frozen, cut off or slow, and one leads when all is well again", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const clock = new FakeClock();
      const server = new LeaseServer();
      const candidates = ["a", "b", "c"].map((name) => new Candidate(name, server, clock));
      const leaders = (): number => candidates.filter((candidate) => candidate.elector.isLeader()).length;
      const pass = async (ms: number): Promise<void> => {
        for (let left = ms; left > 0; left -= 500) {
          await clock.advance(Math.min(left, 500));
          assert.ok(leaders() <= 1, "two lead");
        }
      };
      for (const action of steps) {
        if (action.do === "pass") await pass(action.ms);
        else if (action.do === "network") candidates[action.who]!.network = action.network;
        else candidates[action.who]![action.do]();
      }
      for (const candidate of candidates) {
        candidate.network = "fine";
        candidate.thaw();
      }
      await pass(40_000);
      assert.equal(leaders(), 1);
      await end(...candidates);
    }),
    { numRuns: 40 },
  );
});
