import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DataDirectoryFact, PatroniMemberFact, WalPosition } from "../../../src/facts/types.ts";
import { brokenMembers } from "../../../src/plan/broken-members.ts";
import { factsOf } from "../../../src/plan/member-facts.ts";
import type { MemberFacts } from "../../../src/plan/member-facts.ts";
import { ID, looks, running, STOPPED, waiting, WISH } from "./member-facts.ts";

const KNOWN = { ...WISH, systemId: ID };
const MIB = 1_048_576;

interface Told {
  readonly member?: Partial<PatroniMemberFact>;
  readonly data?: Partial<DataDirectoryFact>;
}

function facts(base: MemberFacts, { member, data }: Told = {}): MemberFacts {
  return {
    ...base,
    dataDirectory: { ...base.dataDirectory, copy: "7.1", ...data },
    patroni: { ...base.patroni, ...(base.patroni.member && { member: { ...base.patroni.member, ...member } }) },
  };
}

/** On timeline 3, which left 1 at 1 MiB and 2 at 2 MiB, written to 3 MiB. */
const leader = (told: Told = {}): MemberFacts =>
  facts(running("primary"), {
    member: { timeline: 3, writtenBytes: 3 * MIB, ...told.member },
    data: {
      history: [
        { timeline: 1, bytes: MIB },
        { timeline: 2, bytes: 2 * MIB },
      ],
      ...told.data,
    },
  });
const at = (timeline: number, bytes: number): WalPosition => ({ timeline, bytes });
const replica = (told: Told = {}): MemberFacts => facts(running("replica"), told);

function found(...all: readonly (MemberFacts | "away")[]) {
  return brokenMembers(KNOWN, factsOf(looks(...all)), "db-1");
}

describe("a member whose copy is of no use", () => {
  it("is one whose PostgreSQL does not start, in Patroni's words", () => {
    for (const state of ["start failed", "restart failed", "restart failed (stop failed)"]) {
      const [one, ...more] = found(leader(), replica({ member: { state }, data: { end: at(3, 2 * MIB) } }));
      assert.deepEqual([one?.name, one?.whyKept, more], ["db-2", undefined, []]);
      assert.match(one?.what ?? "", /does not start \((re)?start failed/);
    }
    // What ended Patroni starts, recovers or rewinds: it says `crashed` all the while.
    for (const state of ["starting", "stopping", "stopped", "restarting", "creating replica", "running", "crashed"])
      assert.deepEqual(found(leader(), replica({ member: { state } })), [], state);
  });

  it("is one that went on where its leader did not", () => {
    const ends = (end: WalPosition) => found(leader(), replica({ data: { end } }));
    assert.match(
      ends(at(2, 2 * MIB + 8))[0]?.what ?? "",
      /goes to 0\/200008 on timeline 2, which db-1 left at 0\/200000/,
    );
    assert.match(ends(at(3, 3 * MIB + 1))[0]?.what ?? "", /on timeline 3, which db-1 has written to 0\/300000 only/);
    assert.match(ends(at(4, MIB))[0]?.what ?? "", /on timeline 4, and db-1 is on timeline 3/);
    for (const end of [at(3, 3 * MIB), at(3, 2 * MIB), at(2, 2 * MIB), at(1, MIB)]) assert.deepEqual(ends(end), []);
  });

  it("is one of another timeline of the same number, which Patroni takes for the leader's", () => {
    const told = (data: Partial<DataDirectoryFact>, state = "starting") =>
      found(leader(), replica({ data, member: { state } }))[0];
    for (const data of [
      { end: at(2, MIB - 8) },
      { checkpoint: at(2, MIB - 8), end: at(2, MIB + 8) },
      { end: at(2, MIB - 8), checkpoint: at(1, MIB - 16) },
    ]) {
      const one = told(data);
      assert.match(one?.what ?? "", /goes to 0\/FFFF8 on timeline 2, which that of db-1 began at 0\/100000 only/);
      assert.equal(one?.whyKept, undefined);
      assert.equal(told(data, "stopped"), undefined);
    }
    const now = told({ end: at(3, 2 * MIB - 8) }, "running");
    assert.match(now?.what ?? "", /on timeline 3, which that of db-1 began at 0\/200000 only/);
    const short = leader({ data: { history: [{ timeline: 1, bytes: MIB }] } });
    const never = found(short, replica({ data: { end: at(2, MIB - 8) } }))[0];
    assert.match(never?.what ?? "", /on timeline 2, which db-1 was never on/);
    for (const data of [{ end: at(2, MIB) }, { end: at(3, 2 * MIB) }, { end: at(1, 8) }, { checkpoint: at(2, MIB) }])
      assert.equal(told(data), undefined);
  });

  it("is judged by nothing else: neither in the middle of a rewind, nor as long as it streams, nor by half of the facts", () => {
    const end = at(1, 9 * MIB);
    assert.equal(found(leader(), replica({ data: { end } })).length, 1);
    assert.deepEqual(found(leader(), replica({ member: { state: "stopped" }, data: { end } })), []);
    const streams = { ...leader(), sql: running("primary", ["db-2"]).sql };
    assert.deepEqual(found(streams, replica({ data: { end } })), []);
    const { history: _, ...noHistory } = leader().dataDirectory;
    assert.deepEqual(found({ ...leader(), dataDirectory: noHistory }, replica({ data: { end } })), []);
    assert.deepEqual(found({ ...leader(), sql: undefined }, replica({ data: { end } })), []);
    assert.deepEqual(found(leader(), facts(STOPPED, { data: { end } }), facts(waiting(), { data: { end } })), []);
    assert.deepEqual(found(leader(), "away"), []);
    // Who says of itself that it leads may be right.
    assert.deepEqual(found(leader(), facts(running("primary"), { data: { end: at(4, 0) } })), []);
  });

  it("is kept for a person where it may hold what nobody else does, or is not known to be ours", () => {
    const failed = (told: Told, from = leader()) =>
      found(from, replica({ member: { state: "start failed" }, ...told }))[0]?.whyKept;
    assert.equal(failed({ data: { end: at(3, 2 * MIB), timeline: 3 } }), undefined);
    assert.match(failed({ data: { end: at(4, 0) } }) ?? "", /timeline 4, which is newer than that of db-1 \(3\)/);
    assert.match(failed({ data: { timeline: 5, end: at(3, 2 * MIB) } }) ?? "", /timeline 5/);
    for (const end of [at(3, 3 * MIB + 1), at(3, 2 * MIB - 8)])
      assert.match(
        failed({ data: { end }, member: { state: "running" } }) ?? "",
        /left db-1 on the timeline that it is on/,
      );
    assert.match(failed({ data: { systemId: "1" } }) ?? "", /data of another cluster/);
    assert.match(failed({ data: { copy: undefined } as never }) ?? "", /does not say whose/);
    assert.match(failed({}, leader({ member: { systemId: "1" } })) ?? "", /another cluster than its leader/);
    assert.match(failed({}, leader({ member: { timeline: undefined } as never })) ?? "", /not known/);
    const unknown = brokenMembers(
      WISH,
      factsOf(looks(leader(), replica({ member: { state: "start failed" } }))),
      "db-1",
    );
    assert.match(unknown[0]?.whyKept ?? "", /does not say whose/);
  });
});
