import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failoverOutlook } from "../../../src/plan/failover.ts";
import { haltedBlockers, scheduledWarnings } from "../../../src/plan/halted.ts";
import { commitsHang, factsOf } from "../../../src/plan/member-facts.ts";
import type { MemberFacts } from "../../../src/plan/member-facts.ts";
import { planMembers } from "../../../src/plan/members.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { ID, looks, running, waiting, WISH } from "./member-facts.ts";

type Seen = readonly (MemberFacts | "away")[];
type Standby = NonNullable<MemberFacts["sql"]>["replication"][number];

function leader(
  rules: Readonly<Record<string, unknown>> = {},
  standbys: Readonly<Record<string, Partial<Standby>>> = {},
) {
  const base = running("primary");
  const replication = ["db-2", "db-3"].map((name) => ({ name, state: "streaming", lagBytes: 0, ...standbys[name] }));
  return {
    ...base,
    patroni: { ...base.patroni, dynamicConfig: rules },
    ...(base.sql === undefined ? {} : { sql: { ...base.sql, replication } }),
  } as MemberFacts;
}

function tagged(tags: Readonly<Record<string, unknown>>): MemberFacts {
  const base = running("replica");
  return { ...base, patroni: { ...base.patroni, member: { ...base.patroni.member, tags } } } as MemberFacts;
}

const silent: MemberFacts = { ...running("replica"), patroni: { answers: false } };
const replica = running("replica");

function outlook(...facts: Seen) {
  return failoverOutlook(WISH, factsOf(looks(...facts)), "db-1");
}

describe("whether a failover would happen now", () => {
  it("any replica that streams may take over", () => {
    assert.deepEqual(outlook(leader(), replica, replica), { candidates: ["db-2", "db-3"] });
  });

  it(
    "a replica whose RAFT node the others do not hear may not, and is waited for, though it streams and " +
      "its Patroni answers",
    () => {
      const partners = ["10.0.0.2:7000", "10.0.0.3:7000"].map((address) => ({
        address,
        connected: address !== "10.0.0.3:7000",
      }));
      const status = { hasQuorum: true, leader: "10.0.0.1:7000", version: "0.3.17", partners, term: 1, commitIndex: 1 };
      const leads = { ...leader(), dcs: { traces: [], status } };
      assert.deepEqual(outlook(leads, replica, replica).candidates, []);
      assert.match(
        outlook(leads, replica, replica).hindrance?.message ?? "",
        /without db-1, 1 of 3 members would be left, and it takes 2/,
      );
      const { waits } = planMembers({ ...WISH, systemId: ID }, looks(leads, replica, replica));
      assert.deepEqual(
        waits.map(({ reason, host }) => `${reason} ${host ?? ""}`),
        ["VoterUnheard db-3"],
      );
      assert.match(
        waits[0]?.for ?? "",
        /RAFT counts 3 voters, 2 of them connected; a quorum is 2, so none may still fail/,
      );
      const alone = { ...leads, dcs: { ...leads.dcs, status: { ...status, hasQuorum: false } } };
      assert.deepEqual(planMembers({ ...WISH, systemId: ID }, looks(alone, replica, replica)).waits, []);
    },
  );

  const hindered: readonly (readonly [string, Seen, string, RegExp])[] = [
    ["Patroni is paused", [leader({ pause: true }), replica, replica], "PatroniPaused", /changes no roles/],
    [
      "all replicas are tagged",
      [leader(), tagged({ nofailover: true }), tagged({ failover_priority: 0 })],
      "NoCandidate",
      /db-2 never leads \(nofailover\), db-3 never leads/,
    ],
    [
      "all replicas are too far behind",
      [
        leader({ maximum_lag_on_failover: 100 }, { "db-2": { lagBytes: 101 }, "db-3": { lagBytes: 5000 } }),
        replica,
        replica,
      ],
      "NoCandidate",
      /db-2 is 101 B behind, more than 100 B, db-3 is 4.9 KiB behind/,
    ],
    [
      "none streams",
      [leader({}, { "db-2": { state: "catchup" }, "db-3": { state: "backup" } }), replica, replica],
      "NoCandidate",
      /db-2 does not stream, db-3 does not stream/,
    ],
    [
      "none is synchronous where that is asked for",
      [
        leader({ synchronous_mode: true }, { "db-2": { syncState: "async" }, "db-3": { syncState: "potential" } }),
        replica,
        replica,
      ],
      "NoCandidate",
      /db-2 is not the synchronous standby/,
    ],
    ["their Patronis are silent", [leader(), silent, silent], "NoCandidate", /db-2 has a Patroni that does not answer/],
    [
      "a majority would be lost with the leader",
      [leader(), replica, "away"],
      "NoQuorumWithoutLeader",
      /without db-1, 1 of 3 members would be left, and it takes 2/,
    ],
  ];
  for (const [what, facts, reason, message] of hindered) {
    it(`none would when ${what}`, () => {
      const { candidates, hindrance } = outlook(...facts);
      assert.deepEqual([candidates, hindrance?.reason], [[], reason]);
      assert.match(hindrance?.message ?? "", message);
    });
  }

  it("the synchronous standby alone takes over where that is asked for", () => {
    const facts = [
      leader({ synchronous_mode: true }, { "db-2": { syncState: "quorum" }, "db-3": { syncState: "async" } }),
      replica,
      replica,
    ];
    assert.deepEqual(outlook(...facts).candidates, ["db-2"]);
  });
});

describe("what a person switched off by hand", () => {
  const blockers = (...facts: Seen) =>
    haltedBlockers(WISH, factsOf(looks(...facts)), { configFile: "/etc/patroni/config.yml", port: 5433 });

  it("is nothing in a healthy cluster", () => {
    assert.deepEqual(blockers(leader(), replica, replica), []);
  });

  it("a pause is said, with the command that ends it, also while only one member has read it", () => {
    const paused = { ...replica, patroni: { ...replica.patroni, member: { ...replica.patroni.member, paused: true } } };
    for (const facts of [
      [leader({ pause: true }), replica, replica],
      [leader(), replica, paused as MemberFacts],
    ]) {
      const [found, ...others] = blockers(...(facts as Seen));
      assert.deepEqual([found?.reason, others], ["PatroniPaused", []]);
      assert.match(found?.wayOut ?? "", /patronictl -c \/etc\/patroni\/config\.yml resume$/);
    }
  });

  it("a pause holds what clients would notice, and nothing else", () => {
    const [pause] = blockers(leader({ pause: true }), replica, replica);
    const step = (impact: "none" | "restart") =>
      ({
        id: impact,
        resource: WISH.resource,
        host: "db-1",
        stage: "prepare",
        because: "",
        impact,
        change: { kind: "reload-unit", unit: "x", reads: [] },
      }) as const;
    const plan = {
      steps: [step("none"), step("restart")],
      waits: [],
      blockers: pause === undefined ? [] : [pause],
      warnings: [],
    };
    const wave = nextWave(plan);
    assert.deepEqual(wave.kind === "steps" ? wave.steps.map(({ id }) => id) : wave.kind, ["none"]);
    assert.equal(nextWave({ ...plan, steps: [step("restart")] }).kind, "blocked");
  });

  it("a cluster that was made to follow another one, and a replay that was paused, are said", () => {
    const stale = { ...replica, sql: { ...replica.sql, health: HEALTH } } as MemberFacts;
    const found = blockers(leader({ standby_cluster: { host: "10.0.0.9" } }), stale, replica);
    assert.deepEqual(
      found.map(({ reason, host }) => [reason, host]),
      [
        ["StandbyCluster", undefined],
        ["ReplayPaused", "db-2"],
      ],
    );
  });

  it("what was asked for later is a warning, once", () => {
    const scheduled = [{ what: "a switchover at 2030", flush: "switchover" }];
    const told = (facts: MemberFacts): MemberFacts => ({ ...facts, patroni: { ...facts.patroni, scheduled } });
    const warnings = scheduledWarnings(WISH, factsOf(looks(told(leader()), told(replica), replica)), {
      configFile: "c.yml",
      scope: "pg",
    });
    assert.deepEqual(
      warnings.map(({ reason }) => reason),
      ["ActionScheduled"],
    );
    assert.match(warnings[0]?.message ?? "", /patronictl -c c\.yml flush pg switchover --force/);
  });
});

const HEALTH = { synchronousStandbys: "", replayPaused: true, connections: 1, maximumConnections: 100, slots: [] };

describe("what looks well and is not", () => {
  it("a replica streams while its Patroni is silent: nobody would promote it", () => {
    const { waits } = planMembers(WISH, looks(leader(), { ...silent, patroni: { answers: false } }, replica));
    assert.deepEqual(
      waits.map(({ reason, host }) => [reason, host]),
      [["PatroniNotAnswering", "db-2"]],
    );
  });

  it("a replica whose Patroni is only about to copy the data is waited for as before", () => {
    const { waits } = planMembers(WISH, looks(leader({}, { "db-2": { state: "backup" } }), waiting(), replica));
    assert.deepEqual(
      waits.map(({ reason }) => reason),
      ["ReplicaNotStreaming"],
    );
  });

  it("commits hang when a synchronous standby is asked for and none is there", () => {
    const sql = leader({}, { "db-2": { syncState: "async" }, "db-3": { syncState: "potential" } }).sql;
    assert.ok(sql !== undefined);
    const strict = { ...sql, health: { ...HEALTH, synchronousStandbys: "*" } };
    assert.equal(commitsHang(strict), true);
    assert.equal(
      commitsHang({ ...strict, replication: [{ name: "db-2", state: "streaming", syncState: "sync" }] }),
      false,
    );
    assert.equal(commitsHang({ ...strict, health: HEALTH }), false);
    const { waits } = planMembers(WISH, looks({ ...leader(), sql: strict }, replica, replica));
    assert.deepEqual(
      waits.map(({ reason }) => reason),
      ["CommitsWait"],
    );
  });
});
