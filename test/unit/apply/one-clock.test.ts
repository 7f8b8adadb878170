import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HURRIED, Patience } from "../../../src/apply/patience.ts";
import { planMembers } from "../../../src/plan/members.ts";
import type { Wait } from "../../../src/plan/plan.ts";
import { ID, looks, waiting, WISH } from "../plan/member-facts.ts";

/** What is waited for where no member leads, RAFT has a quorum or not, and Patroni was started so often. */
function leaderless(hasQuorum: boolean, restarts = 0): Wait {
  const status = { hasQuorum, leader: "", version: "", partners: [], term: 1, commitIndex: 1 };
  const replica = waiting({ dcs: { traces: ["raft/1"], status } });
  const member = { ...replica, unit: { ...replica.unit, restarts } };
  const [wait, ...more] = planMembers({ ...WISH, systemId: ID }, looks(member, member, member)).waits;
  assert.deepEqual(more, []);
  assert.ok(wait !== undefined);
  return wait;
}

const [noQuorum, noLeader, looping] = [leaderless(false), leaderless(true), leaderless(true, 3)] as const;

/** One turn after the other: until when what is waited for at each moment may take. */
function turns(...waited: readonly (readonly [seconds: number, ...waits: readonly Wait[]])[]): readonly number[] {
  const patience = new Patience(HURRIED);
  return waited.flatMap(([seconds, ...waits]) => {
    const timed = patience.timesOf(waits, seconds * 1000);
    patience.keepTimes(timed);
    return timed.map(({ untilMs }) => untilMs / 1000);
  });
}

describe("a leader that is waited for", () => {
  it("is missed for several reasons", () => {
    const reasons = [noQuorum, noLeader, looping].map(({ reason }) => reason);
    assert.deepEqual(reasons, ["NoQuorum", "NoLeader", "BootstrapLooping"]);
  });

  it("is waited for by one clock, though the reasons take turns", () => {
    const [first, ...rest] = turns([0, noQuorum], [50, noLeader], [90, noQuorum], [91, noQuorum], [170, noLeader]);
    assert.equal(first, 180);
    assert.deepEqual(rest, [180, 180, 180, 180]);
  });

  it("has a time of its own for each reason within it: what hardly comes right by itself may take less", () => {
    assert.deepEqual(turns([0, noQuorum], [70, looping], [80, looping], [90, noQuorum]), [180, 130, 130, 180]);
    assert.deepEqual(turns([0, noQuorum], [150, looping]), [180, 180]);
  });

  it("is waited for anew once there was one, and each other thing has a clock of its own", () => {
    assert.deepEqual(turns([0, noQuorum], [100], [110, noLeader]), [180, 290]);
    const { clock: _, ...plain } = noLeader;
    const streaming: Wait = { ...plain, reason: "ReplicaNotStreaming", host: "db-2" };
    assert.deepEqual(turns([0, noQuorum, streaming], [50, noLeader, streaming]), [180, 180, 180, 180]);
    assert.deepEqual(turns([0, streaming], [50, { ...streaming, host: "db-3" }]), [180, 230]);
  });

  it("of which tries fail in turns has the time of the first that failed, until nothing of it is waited for", () => {
    const { clock: _, ...plain } = noLeader;
    const starts: Wait = { ...plain, reason: "ReplicaNotStreaming", host: "db-2", deadlineSeconds: 1800 };
    const fails: Wait = { ...starts, reason: "ReplicaBroken", deadlineSeconds: 60 };
    assert.deepEqual(turns([0, starts], [10, fails], [20, starts], [30, fails]), [1800, 70, 1800, 70]);
    assert.deepEqual(turns([0, fails], [10], [20, fails]), [60, 80]);
    assert.deepEqual(turns([0, fails], [10, { ...starts, host: "db-3" }], [20, fails]), [60, 1810, 80]);
  });

  it("goes on with the time of a process that was there before, for whatever reason it is missed next", () => {
    const patience = new Patience(HURRIED);
    const until = "2026-01-01T00:03:00Z";
    const now = Date.parse("2026-01-01T00:02:00Z");
    const before = patience.timesOf([noQuorum], now, until);
    patience.keepTimes(before);
    const after = patience.timesOf([noLeader], now + 10_000, until);
    assert.deepEqual(
      [...before, ...after].map(({ untilMs }) => untilMs),
      [Date.parse(until), Date.parse(until)],
    );
  });
});
