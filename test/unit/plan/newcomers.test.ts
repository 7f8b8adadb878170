import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../../../src/facts/fact.ts";
import { planMembers } from "../../../src/plan/members.ts";
import type { MemberFacts, MembersWish } from "../../../src/plan/member-facts.ts";
import { BARE, running, WISH } from "./member-facts.ts";

const FIVE: MembersWish = {
  ...WISH,
  members: [1, 2, 3, 4, 5].map((number) => ({ name: `db-${number}`, address: `10.0.0.${number}` })),
};

/** Who is started, with a leader, its standbys and whom RAFT counts beside it (below 0: not connected). */
function started(standbys: readonly number[], votes: readonly number[], blank: readonly number[]): readonly string[] {
  const leader: MemberFacts = {
    ...running(
      "primary",
      standbys.map((number) => `db-${number}`),
    ),
    dcs: {
      traces: ["j"],
      status: {
        hasQuorum: true,
        partners: votes.map((number) => ({ address: `10.0.0.${Math.abs(number)}:7000`, connected: number > 0 })),
      },
    },
  };
  const seen = new Map(
    FIVE.members.map(({ name }, index): [string, Look<MemberFacts>] => [
      name,
      {
        seen: true,
        host: name,
        facts: index === 0 ? leader : blank.includes(index + 1) ? BARE : running("replica"),
      },
    ]),
  );
  return planMembers(FIVE, seen).steps.flatMap((step) => (step.change.kind === "start-unit" ? [step.host ?? ""] : []));
}

test("of two new members the second waits until the first votes and streams", () => {
  assert.deepEqual(started([2, 3], [2, 3], [4, 5]), ["db-4"]);
  assert.deepEqual(started([2, 3], [2, 3, 4], [5]), [], "db-4 votes and does not stream yet");
  assert.deepEqual(started([2, 3, 4], [2, 3], [5]), [], "db-4 streams and does not vote yet");
  assert.deepEqual(started([2, 3, 4], [2, 3, -4], [5]), [], "db-4 is counted and not connected");
  assert.deepEqual(started([2, 3, 4], [2, 3, 4], [5]), ["db-5"]);
});

test("none is added while a member before it is away: it would raise the quorum for those that are left", () => {
  assert.deepEqual(started([2], [2, -3], [4, 5]), []);
});

test("a member that lost its disk is counted already, and comes back whoever else is away", () => {
  assert.deepEqual(started([2], [2, 3, 4, -5], [5]), ["db-5"]);
  assert.deepEqual(started([2], [2, 3, -4, -5], [4, 5]), ["db-4", "db-5"]);
});
