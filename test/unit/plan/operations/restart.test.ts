import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { foreseen, nextRestart } from "../../../../src/plan/operations/restart.ts";
import type { RestartSeen, SeenMember } from "../../../../src/plan/operations/restart.ts";
import { afterTurn, caughtUp } from "../../../../src/plan/operations/restart-order.ts";
import type { RestartIntent, RestartMember } from "../../../../src/plan/operations/restart-order.ts";

const NAMES = ["db-1", "db-2", "db-3"] as const;

interface Asked {
  /** Setting to what it is to be. */
  readonly to?: Readonly<Record<string, string>>;
  /** What each runs with of the shared ones, where it is not the same everywhere. */
  readonly running?: Readonly<Record<string, number>>;
  readonly atLeast?: Readonly<Record<string, number>>;
}

/** A healthy cluster whose second member leads, all running 100 connections and 8 workers. */
function cluster({ to = {}, running = {}, atLeast = {} }: Asked = {}): RestartSeen {
  return {
    unheard: [],
    candidates: [],
    isPaused: false,
    maximumLagBytes: 1_048_576,
    voters: { countedBy: "RAFT", nodes: [], connected: 3, quorum: 2, mayFail: 1, certain: true },
    members: NAMES.map((name): SeenMember => {
      const leads = name === "db-2";
      const connections = running[name] ?? 100;
      const shared = {
        max_connections: { running: connections, atLeast: atLeast[name] ?? 100 },
        max_worker_processes: { running: 8, atLeast: 8 },
      };
      return {
        name,
        leads,
        shared,
        older: undefined,
        olderService: undefined,
        postmaster: `${name} 1`,
        isKnown: true,
        state: "up",
        stateWords: "",
        lagBytes: leads ? undefined : 0,
        pending: Object.entries(to)
          .filter(([setting, wanted]) => String(shared[setting as keyof typeof shared]?.running ?? "old") !== wanted)
          .map(([setting, wanted]) => ({ name: setting, wanted, words: `${setting} to be ${wanted}`, isRead: true })),
      };
    }),
  };
}

const PENDING: RestartIntent = Object.fromEntries(NAMES.map((name) => [name, {}]));
const ALL: RestartIntent = Object.fromEntries(NAMES.map((name) => [name, { asked: `${name} 1` }]));
const names = (seen: RestartSeen, intent = PENDING) => foreseen(seen, intent).map(({ member }) => member.name);

function next(seen: RestartSeen, intent = PENDING): string {
  const found = nextRestart(seen, intent);
  switch (found.kind) {
    case "steps":
      return found.turn.member.name;
    case "wait":
      return `wait: ${found.for}`;
    case "refused":
      return `refused: ${found.why}`;
    case "done":
      return "done";
  }
}

function with1(seen: RestartSeen, name: string, change: Partial<SeenMember>): RestartSeen {
  return { ...seen, members: seen.members.map((one) => (one.name === name ? { ...one, ...change } : one)) };
}

describe("the order of a restart", () => {
  it("is standbys before the leader for what is raised, and for what every member has for itself", () => {
    assert.deepEqual(names(cluster({ to: { max_connections: "200" } })), ["db-1", "db-3", "db-2"]);
    assert.deepEqual(names(cluster({ to: { shared_buffers: "1GB" } })), ["db-1", "db-3", "db-2"]);
  });

  it("is standbys before the leader for a Patroni that is older than its unit", () => {
    const old = { olderService: "Patroni runs since before its unit was changed" };
    const seen = { ...cluster(), members: cluster().members.map((member) => ({ ...member, ...old })) };
    assert.deepEqual(names(seen), ["db-1", "db-3", "db-2"]);
    assert.deepEqual(foreseen(seen, PENDING)[0]?.because, [old.olderService]);
    assert.deepEqual(names(with1(cluster(), "db-3", old)), ["db-3"]);
  });

  it("is the leader before standbys for what is lowered", () => {
    const seen = cluster({ to: { max_connections: "50" } });
    assert.deepEqual(names(seen), ["db-2", "db-1", "db-3"]);
    assert.equal(next(seen), "db-2");
  });

  it("is the standbys, the leader and the standbys again where one is raised and another lowered", () => {
    const seen = cluster({ to: { max_connections: "200", max_worker_processes: "4" } });
    assert.deepEqual(names(seen), ["db-1", "db-3", "db-2", "db-1", "db-3"]);
  });

  it("tries what may not start on a standby first, also where the leader goes first for something else", () => {
    const seen = cluster({ to: { max_connections: "50", log_directory: "/nowhere" } });
    assert.deepEqual(names(seen), ["db-1", "db-3", "db-2", "db-1", "db-3"]);
  });

  it(
    "leads every member once through what was asked for, the leader last, and is over by other " + "processes alone",
    () => {
      const seen = cluster();
      assert.deepEqual(names(seen, ALL), ["db-1", "db-3", "db-2"]);
      assert.equal(next(with1(seen, "db-1", { postmaster: "db-1 2" }), ALL), "db-3");
      const over = NAMES.reduce((all, name) => with1(all, name, { postmaster: `${name} 2` }), seen);
      assert.equal(next(over, ALL), "done");
      assert.equal(next(seen, {}), "done");
      assert.equal(next(seen), "done");
    },
  );

  it("restarts a standby once where both were asked for, after the leader whose lowered value it is to get", () => {
    assert.deepEqual(names(cluster({ to: { max_connections: "50" } }), ALL), ["db-2", "db-1", "db-3"]);
    assert.deepEqual(names(cluster({ to: { max_connections: "50" } }), { "db-1": { asked: "db-1 1" } }), ["db-1"]);
  });

  it("counts an older program as pending", () => {
    const seen = with1(cluster(), "db-3", { older: "PostgreSQL 17.4 runs, and 17.5 is installed" });
    assert.deepEqual(names(seen), ["db-3"]);
  });

  it("of any state on the way is the rest of what was foreseen, whoever led in between", () => {
    for (const to of [{ max_connections: "200", max_worker_processes: "4" }, { max_connections: "50" }]) {
      const seen = cluster({ to });
      const turns = foreseen(seen, ALL);
      let members: readonly RestartMember[] = seen.members;
      turns.forEach((turn, index) => {
        const now = members.map((member, at) => ({ ...(seen.members[at] as SeenMember), ...member }));
        const expected = turns.slice(index).map(({ member }) => member.name);
        assert.deepEqual(names({ ...seen, members: now }, ALL), expected, JSON.stringify(to));
        members = afterTurn(members, {
          ...turn,
          member: members.find(({ name }) => name === turn.member.name) ?? turn.member,
        });
      });
      const elsewhere = seen.members.map((one) => ({ ...one, leads: one.name === "db-3", lagBytes: 0 }));
      assert.equal(names({ ...seen, members: elsewhere }).length, turns.length);
    }
  });
});

describe("before a member restarts", () => {
  const raised = cluster({ to: { max_connections: "200" } });

  it("a standby waits until it replayed the leader's lower value", () => {
    const seen = cluster({ to: { max_connections: "50" }, running: { "db-2": 50 } });
    assert.match(next(seen), /^wait: db-1 to replay with which settings db-2 runs now/);
    assert.equal(next({ ...seen, members: caughtUp(seen.members) as readonly SeenMember[] }), "db-1");
  });

  it("its Patroni has read the new settings, unless they are still to be given to it", () => {
    const unread = {
      ...raised,
      members: raised.members.map((one) => ({
        ...one,
        pending: one.pending.map((setting) => ({ ...setting, isRead: false })),
      })),
    };
    assert.equal(next(unread), "wait: Patroni on db-1 to read what is new: max_connections to be 200");
    assert.equal(nextRestart(unread, PENDING, true).kind, "steps");
  });

  it("nobody else is away: with one down it is refused, by a majority or not", () => {
    const away = { state: "away", stateWords: "does not answer" } as const;
    assert.equal(
      next(with1(raised, "db-3", away)),
      "refused: db-3 does not answer: with db-1 restarted besides, 1 of 3 members would serve, and a majority is 2",
    );
    const five = [
      ...raised.members,
      ...["db-4", "db-5"].map((name) => ({ ...(raised.members[0] as SeenMember), name })),
    ];
    assert.match(next(with1({ ...raised, members: five }, "db-4", away)), /one member at a time is away/);
  });

  it("its own start is waited for: one that flips between failing and starting is not one more that is away", () => {
    const own = (stateWords: string, state: "away" | "coming"): RestartSeen =>
      with1(raised, "db-1", { state, stateWords });
    assert.equal(next(own("does not start", "away")), "wait: db-1 to be back: it does not start");
    assert.equal(next(own("is starting", "coming")), "wait: db-1 to be back: it is starting");
    assert.match(
      next(with1(own("does not start", "away"), "db-3", { state: "away", stateWords: "is stopped" })),
      /^refused: db-3 is stopped/,
    );
  });

  it("one that is not known of counts as one to come, and is waited for", () => {
    const lost = {
      state: "away",
      stateWords: "is not seen",
      isKnown: false,
      pending: [],
      postmaster: undefined,
    } as const;
    assert.equal(next(with1(cluster(), "db-3", lost)), "wait: db-3 to be back: it is not seen");
    assert.match(next(with1(cluster(), "db-3", lost), ALL), /^refused: db-3 is not seen/);
  });

  it("all others stream and are near, and the voters do without it", () => {
    assert.match(
      next(with1(raised, "db-1", { state: "coming", stateWords: "is starting" })),
      /^wait: db-1 to be back: it is starting/,
    );
    for (const lagBytes of [2_000_000, undefined])
      assert.match(next(with1(raised, "db-3", { lagBytes })), /^wait: db-3 to catch up/);
    assert.equal(next(with1(raised, "db-1", { lagBytes: 2_000_000 })), "db-1");
    const voters = { countedBy: "RAFT", nodes: [], connected: 2, quorum: 2, mayFail: 0, certain: true };
    assert.match(next({ ...raised, voters }), /^refused: RAFT counts/);
    assert.match(next({ ...raised, voters: undefined }), /^wait: a member to say whose votes count/);
  });

  it("the vote of who was restarted is heard again, which comes by itself", () => {
    const voters = { countedBy: "RAFT", nodes: [], connected: 2, quorum: 2, mayFail: 0, certain: true };
    const back = with1(raised, "db-1", { state: "coming", stateWords: "is starting" });
    assert.match(next({ ...back, voters, unheard: ["db-1"] }), /^wait: db-1 to be back/);
    assert.match(next({ ...raised, voters, unheard: ["db-1"] }), /^wait: the vote of db-1 to be heard/);
  });

  it("Patroni is not paused, and a leader is known", () => {
    assert.match(next({ ...raised, isPaused: true }), /^refused: Patroni is paused/);
    assert.match(
      next({ ...raised, members: raised.members.map((one) => ({ ...one, leads: false })) }),
      /^wait: a leader/,
    );
  });

  it("a single member needs nobody", () => {
    const alone = { ...raised, voters: undefined, members: raised.members.filter(({ leads }) => leads) };
    assert.equal(next(alone), "db-2");
  });

  it(
    "what would do harm or nothing is refused: the leader before standbys that are lower, a standby before " +
      "the leader",
    () => {
      assert.match(next(raised, { "db-2": {} }), /^refused: with less than the leader is to get/);
      assert.match(
        next(cluster({ to: { max_connections: "50" } }), { "db-1": {} }),
        /^refused: a restart brings nothing/,
      );
    },
  );
});
