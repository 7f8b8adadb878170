import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DcsFact } from "../../../src/facts/dcs/dcs-fact.ts";
import type { ClusterMemberFact } from "../../../src/facts/types.ts";
import { planMembers } from "../../../src/plan/members.ts";
import type { MemberFacts } from "../../../src/plan/member-facts.ts";
import { isOut } from "../../../src/plan/undeclared-members.ts";
import { votersInWords } from "../../../src/plan/voters.ts";
import { looks, running, WISH } from "./member-facts.ts";

/** What RAFT says on a node, by the last number of each partner's address: above 0 it is connected. */
function raft(...partners: readonly number[]): DcsFact {
  return {
    traces: ["j"],
    status: {
      hasQuorum: true,
      partners: partners.map((host) => ({ address: `10.0.0.${Math.abs(host)}:7000`, connected: host > 0 })),
    },
  };
}

function shown(number: number, role: ClusterMemberFact["role"] = "replica", state = "streaming"): ClusterMemberFact {
  return { name: `db-${number}`, role, state, address: `10.0.0.${number}`, port: 5432, pendingRestart: false };
}

function leading(own: DcsFact, cluster: readonly ClusterMemberFact[]): MemberFacts {
  const base = running("primary", ["db-2", "db-3"]);
  return { ...base, dcs: own, patroni: { ...base.patroni, cluster } };
}

const DECLARED = [shown(1, "primary", "running"), shown(2), shown(3)];
const REPLICA = running("replica");
const left = (number: number) => ({ name: `db-${number}`, address: `10.0.0.${number}`, nowAt: undefined });

describe("members that the spec does not list", () => {
  it("are none where RAFT and Patroni count whom it lists, and the numbers are known", () => {
    const { undeclared, voters, blockers } = planMembers(WISH, looks(leading(raft(2, 3), DECLARED), REPLICA, REPLICA));
    assert.deepEqual(undeclared, []);
    assert.deepEqual(blockers, []);
    assert.ok(voters !== undefined);
    assert.equal(
      votersInWords(voters),
      "RAFT counts 3 voters, all of them connected; a quorum is 2, so 1 may still fail",
    );
  });

  it("five members to three: the two go on voting, and switched off they keep their votes", () => {
    const wish = { ...WISH, left: [left(4), left(5)] };
    const on = planMembers(wish, looks(leading(raft(2, 3, 4, 5), [...DECLARED, shown(4), shown(5)]), REPLICA, REPLICA));
    assert.deepEqual(
      on.blockers.map(({ reason, scope }) => [reason, scope]),
      [["MemberUndeclared", "everything"]],
    );
    assert.match(
      on.blockers[0]?.why ?? "",
      /db-4 \(10\.0\.0\.4\) is a member \(replica, streaming\) and votes; db-5 .*RAFT counts 5 voters, all of them connected; a quorum is 3, so 2 may still fail/,
    );
    const off = planMembers(wish, looks(leading(raft(2, 3, -4, -5), DECLARED), REPLICA, REPLICA));
    assert.match(off.blockers[0]?.why ?? "", /db-4 \(10\.0\.0\.4\) keeps its vote although it does not answer/);
    assert.match(off.blockers[0]?.why ?? "", /5 voters, 3 of them connected; a quorum is 3, so none may still fail/);
    assert.ok(off.undeclared.every((member) => !isOut(member)));
  });

  it("that pgha never heard of are found by RAFT's list and by Patroni's", () => {
    const byRaft = planMembers(WISH, looks(leading(raft(2, 3, 9), DECLARED), REPLICA, REPLICA));
    assert.match(byRaft.blockers[0]?.why ?? "", /10\.0\.0\.9:7000 votes/);
    const byPatroni = planMembers(WISH, looks(leading(raft(2, 3), [...DECLARED, shown(9)]), REPLICA, REPLICA));
    assert.match(byPatroni.blockers[0]?.why ?? "", /db-9 \(10\.0\.0\.9\) is a member \(replica, streaming\)/);
    assert.doesNotMatch(byPatroni.blockers[0]?.wayOut ?? "", /forget/);
  });

  it("who is out of RAFT stays in the way until a person says that it is gone, and may be forgotten", () => {
    const { undeclared, blockers } = planMembers(
      { ...WISH, left: [left(4)] },
      looks(leading(raft(2, 3), DECLARED), REPLICA, REPLICA),
    );
    assert.deepEqual(undeclared.map(isOut), [true]);
    assert.match(blockers[0]?.wayOut ?? "", /pgha forget db-4/);
    assert.doesNotMatch(blockers[0]?.wayOut ?? "", /python3|systemctl/);
  });

  it("may not be forgotten while nobody says whom RAFT counts, or the one who says it has no quorum", () => {
    const wish = { ...WISH, left: [left(4)] };
    const silent = planMembers(wish, looks(running("primary"), REPLICA, REPLICA));
    assert.deepEqual([silent.undeclared.map(isOut), silent.voters], [[false], undefined]);
    const own = raft(2, 3);
    const status = own.status === undefined ? undefined : { ...own.status, hasQuorum: false };
    const unsure = planMembers(
      wish,
      looks(leading({ traces: [], ...(status === undefined ? {} : { status }) }, DECLARED), REPLICA, REPLICA),
    );
    assert.deepEqual(unsure.undeclared.map(isOut), [false]);
  });

  it("one that leads is said to, clients are served, and the way out begins with a switchover", () => {
    const replica = { ...REPLICA, dcs: raft(1, 3, 4), patroni: { ...REPLICA.patroni } };
    const seen = {
      ...replica,
      patroni: { ...replica.patroni, cluster: [shown(1), shown(2), shown(3), shown(4, "primary", "running")] },
    };
    const { blockers, waits, life } = planMembers({ ...WISH, left: [left(4)] }, looks(REPLICA, seen, REPLICA));
    assert.deepEqual([life, waits], ["unknown", []]);
    assert.match(blockers[0]?.why ?? "", /db-4 \(10\.0\.0\.4\) leads and votes/);
    assert.match(blockers[0]?.wayOut ?? "", /switchover pg --leader db-4 --candidate db-1 --force/);
  });

  it("one listed at another address is the old machine still", () => {
    const wish = { ...WISH, left: [{ name: "db-3", address: "10.0.0.33", nowAt: "10.0.0.3" }] };
    const { blockers } = planMembers(wish, looks(leading(raft(2, -33), DECLARED.slice(0, 2)), REPLICA, "away"));
    assert.match(blockers[0]?.why ?? "", /db-3 \(10\.0\.0\.33\) keeps its vote/);
  });
});
