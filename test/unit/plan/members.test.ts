import assert from "node:assert/strict";
import { test } from "node:test";
import { planMembers } from "../../../src/plan/members.ts";
import type { MembersWish } from "../../../src/plan/member-facts.ts";
import type { MembersPlan } from "../../../src/plan/members.ts";
import { BARE, ID, looks, running, STOPPED, waiting, WISH } from "./member-facts.ts";

interface Case {
  readonly reason: string;
  readonly wish?: Partial<MembersWish>;
  readonly seen: ReturnType<typeof looks>;
  readonly steps?: readonly string[];
  readonly waits?: readonly string[];
  readonly blockers?: readonly string[];
  readonly life: MembersPlan["life"];
}

const FIRST_START = ["record-bootstrap-intent", "start-unit db-1", "start-unit db-2", "start-unit db-3"];
const quorum = (hasQuorum: boolean) => ({
  traces: ["j"],
  status: { hasQuorum, leader: "", version: "0.3.17", partners: [], term: 1, commitIndex: 1 },
});

const CASES: readonly Case[] = [
  {
    reason: "F04: with no data anywhere and nothing recorded, all members start together, the intent recorded first",
    seen: looks(BARE, BARE, BARE),
    steps: FIRST_START,
    life: "absent",
  },
  {
    reason: "an intent that was recorded and came to nothing is not recorded twice",
    wish: { bootstrapIntended: true },
    seen: looks(BARE, BARE, BARE),
    steps: FIRST_START.slice(1),
    life: "absent",
  },
  {
    reason: "a replica that streams and does not let the superuser in hides what is in force there",
    wish: { systemId: ID },
    seen: looks(running("primary", ["db-2", "db-3"]), { ...running("replica"), sql: undefined }, running("replica")),
    waits: ["ReplicaNotAnswering db-2"],
    life: "led",
  },
  {
    reason: "F03: an empty data directory is as good as none",
    seen: looks({ ...BARE, dataDirectory: { class: "empty", entries: [] } }, BARE, BARE),
    steps: FIRST_START,
    life: "absent",
  },
  {
    reason: "a member that cannot be seen may hold the data, so nothing is bootstrapped",
    seen: looks(BARE, BARE, "away"),
    waits: ["NoLeader"],
    life: "unknown",
  },
  {
    reason: "F05: data that is gone while its system identifier is known is never made up for",
    wish: { systemId: ID },
    seen: looks(BARE, BARE, BARE),
    waits: ["NoLeader"],
    blockers: ["DataLost"],
    life: "unknown",
  },
  {
    reason: "F08: a RAFT journal without data is of an earlier installation",
    seen: looks({ ...BARE, dcs: { traces: ["10.0.0.1_7000.journal"] } }, BARE, BARE),
    steps: FIRST_START,
    blockers: ["RaftJournalLeft"],
    life: "absent",
  },
  {
    reason: "F03: lost+found and stray files keep initdb from running, and are a person's to move",
    seen: looks({ ...BARE, dataDirectory: { class: "noise", entries: ["lost+found"] } }, BARE, BARE),
    steps: FIRST_START,
    blockers: ["DataDirectoryNotEmpty"],
    life: "absent",
  },
  {
    reason: "F03: half a database is not deleted",
    seen: looks({ ...BARE, dataDirectory: { class: "partial", entries: ["base"] } }, BARE, BARE),
    steps: FIRST_START,
    blockers: ["DataDirectoryPartial"],
    life: "absent",
  },
  {
    reason: "data of another major version is not touched",
    seen: looks(
      { ...STOPPED, dataDirectory: { class: "valid", entries: [], majorVersion: 15, systemId: ID } },
      STOPPED,
      STOPPED,
    ),
    steps: FIRST_START.slice(1),
    blockers: ["MajorVersionMismatch"],
    life: "unknown",
  },
  {
    reason: "members of another major version that run are not touched, whoever says what they are",
    wish: { systemId: ID, majorVersion: 16 },
    seen: looks(running("primary", ["db-2"]), running("replica"), {
      ...STOPPED,
      dataDirectory: { class: "valid", entries: [], majorVersion: 16, systemId: ID },
    }),
    steps: ["start-unit db-3"],
    blockers: ["MajorVersionMismatch", "MajorVersionMismatch"],
    life: "led",
  },
  {
    reason: "F08, F95: data of another cluster is not touched",
    wish: { systemId: ID },
    seen: looks(
      STOPPED,
      { ...STOPPED, dataDirectory: { class: "valid", entries: [], majorVersion: 17, systemId: "1" } },
      STOPPED,
    ),
    steps: FIRST_START.slice(1),
    blockers: ["SystemIdMismatch"],
    life: "unknown",
  },
  {
    reason: "members that hold data and are stopped are started, and bootstrap nothing",
    wish: { systemId: ID },
    seen: looks(STOPPED, STOPPED, STOPPED),
    steps: FIRST_START.slice(1),
    life: "unknown",
  },
  {
    reason: "data without a record is started too, and bootstraps nothing",
    seen: looks(STOPPED, STOPPED, STOPPED),
    steps: FIRST_START.slice(1),
    life: "unknown",
  },
  {
    reason: "F09: beside members that hold data, one that knows of no cluster does not start before there is a leader",
    wish: { systemId: ID },
    seen: looks(STOPPED, STOPPED, BARE),
    steps: ["start-unit db-1", "start-unit db-2"],
    life: "unknown",
  },
  {
    reason: "F05: where most members know of no cluster, they could elect themselves an empty one: nobody starts",
    seen: looks(STOPPED, BARE, BARE),
    steps: ["start-unit db-1"],
    blockers: ["DataOnMinority"],
    life: "unknown",
  },
  {
    reason: "a first bootstrap that lost its power is gone on with",
    wish: { bootstrapIntended: true },
    seen: looks(STOPPED, { ...BARE, dcs: { traces: ["j"] } }, BARE),
    steps: FIRST_START.slice(1),
    life: "unknown",
  },
  {
    reason: "a new member joins a cluster that has a leader",
    wish: { systemId: ID },
    seen: looks(running("primary", ["db-2"]), running("replica"), BARE),
    steps: ["start-unit db-3"],
    life: "led",
  },
  {
    reason: "all stream: nothing to do",
    wish: { systemId: ID },
    seen: looks(running("primary", ["db-2", "db-3"]), running("replica"), running("replica")),
    life: "led",
  },
  {
    reason: "F06: a replica that does not stream yet is waited for, not assumed",
    wish: { systemId: ID },
    seen: looks(running("primary", ["db-2"]), running("replica"), waiting()),
    waits: ["ReplicaNotStreaming db-3"],
    life: "led",
  },
  {
    reason: "F86: a member that is away is unknown, not down: nobody waits for it to stream",
    wish: { systemId: ID },
    seen: looks(running("primary", ["db-2"]), running("replica"), "away"),
    life: "led",
  },
  {
    reason: "F01: no quorum is told apart from no leader",
    wish: { bootstrapIntended: true },
    seen: looks(waiting({ dcs: quorum(false) }), waiting({ dcs: quorum(false) }), waiting({ dcs: quorum(false) })),
    waits: ["NoQuorum"],
    life: "starting",
  },
  {
    reason: "F01: a quorum without a leader is waited for with the members' states",
    wish: { bootstrapIntended: true },
    seen: looks(waiting({ dcs: quorum(true) }), waiting({ dcs: quorum(true) }), waiting({ dcs: quorum(true) })),
    waits: ["NoLeader"],
    life: "starting",
  },
  {
    reason: "L01: a member that is started again and again is named",
    wish: { bootstrapIntended: true },
    seen: looks(waiting({ unit: { ...waiting().unit, restarts: 5 } }), waiting(), waiting()),
    waits: ["BootstrapLooping db-1"],
    life: "starting",
  },
];

for (const { reason, wish, seen, steps = [], waits = [], blockers = [], life } of CASES) {
  test(reason, () => {
    const plan = planMembers({ ...WISH, ...wish }, seen);
    assert.deepEqual(
      plan.steps.map((step) => [step.change.kind, ...(step.host === undefined ? [] : [step.host])].join(" ")),
      steps,
    );
    assert.deepEqual(
      plan.waits.map((wait) => [wait.reason, ...(wait.host === undefined ? [] : [wait.host])].join(" ")),
      waits,
    );
    assert.deepEqual(
      plan.blockers.map((blocker) => blocker.reason),
      blockers,
    );
    assert.equal(plan.life, life);
  });
}

test("the member that the others dial starts first, and they wait for its port", () => {
  const { steps } = planMembers(WISH, looks(BARE, BARE, BARE));
  const dials = steps.map((step) => (step.change.kind === "start-unit" ? (step.change.after?.address ?? "none") : ""));
  assert.deepEqual(dials, ["", "none", "10.0.0.1", "10.0.0.1"]);
});
