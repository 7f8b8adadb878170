import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MemberFacts, MembersWish } from "../../../src/plan/member-facts.ts";
import { planMembers } from "../../../src/plan/members.ts";
import { ID, looks, UNIT, WISH } from "./member-facts.ts";

interface Life {
  readonly state?: string;
  readonly uptimeSeconds?: number | undefined;
  readonly hasQuorum?: boolean;
  readonly restarts?: number;
  readonly data?: MemberFacts["dataDirectory"];
}

/** A member that waits for another to bootstrap. */
function idle(life: Life = {}): MemberFacts {
  const { state = "stopped", hasQuorum = true, restarts = 0, data = { class: "empty", entries: [] } } = life;
  const uptime = "uptimeSeconds" in life ? life.uptimeSeconds : 40;
  return {
    dataDirectory: data,
    dcs: {
      traces: ["10.0.0.1:7000.journal"],
      status: { hasQuorum, partners: [], ...(uptime === undefined ? {} : { uptimeSeconds: uptime }) },
    },
    patroni: {
      answers: true,
      member: { state, role: "replica", pendingRestart: false, tags: {}, paused: false },
    },
    unit: { ...UNIT, activeState: "active", restarts },
    sql: undefined,
  };
}

function reasonOf(one: Life | "away", others: Life = {}, wish: Partial<MembersWish> = {}): string | undefined {
  const seen = looks(one === "away" ? one : idle({ ...others, ...one }), idle(others), idle(others));
  return planMembers({ ...WISH, bootstrapIntended: true, ...wish }, seen).waits[0]?.reason;
}

describe("a first bootstrap that nobody goes on with (F01)", () => {
  it("is told from what is under way, with what to type", () => {
    const { waits, blockers, steps } = planMembers({ ...WISH, bootstrapIntended: true }, looks(idle(), idle(), idle()));
    assert.deepEqual([blockers, steps], [[], []]);
    const [wait, ...more] = waits;
    assert.deepEqual(more, []);
    assert.equal(wait?.reason, "BootstrapAbandoned");
    assert.match(wait.for, /left its initialize key in the DCS/);
    const { scope } = WISH;
    const typed = `patronictl -c /etc/patroni/config.yml remove ${scope}, confirmed with ${scope}, then with "Yes I am`;
    assert.ok(wait.wayOut.includes(typed), wait.wayOut);
  });

  it("is what stays once members that looped have run for longer than any of their rounds", () => {
    assert.equal(reasonOf({}, { restarts: 14, uptimeSeconds: 3 }), "BootstrapLooping");
    assert.equal(reasonOf({ uptimeSeconds: 3 }, { restarts: 14 }), "BootstrapLooping");
    assert.equal(reasonOf({}, { restarts: 14 }), "BootstrapAbandoned");
  });

  it("is not suspected of a member that does something, is new, or cannot be asked", () => {
    for (const life of [{ state: "initializing new cluster" }, { uptimeSeconds: 5 }, { uptimeSeconds: undefined }])
      assert.equal(reasonOf(life), "NoLeader");
    assert.equal(reasonOf({ hasQuorum: false }), "NoLeader");
    assert.equal(reasonOf("away"), "NoLeader");
    assert.equal(reasonOf({}, { hasQuorum: false }), "NoQuorum");
  });

  it("is never said where there is or was data, or of a cluster that pgha did not begin", () => {
    assert.equal(reasonOf({ data: { class: "valid", entries: ["PG_VERSION"], systemId: ID } }), "NoLeader");
    assert.equal(reasonOf({ data: { class: "partial", entries: ["base"] } }), "NoLeader");
    assert.equal(reasonOf({}, {}, { systemId: ID }), "NoLeader");
    assert.equal(reasonOf({}, {}, { bootstrapIntended: false }), "NoLeader");
  });
});
