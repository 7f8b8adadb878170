import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Ending } from "../../../src/apply/ending.ts";
import { whenAgain } from "../../../src/apply/ending.ts";
import { HURRIED, Patience, STEADY } from "../../../src/apply/patience.ts";
import { takeTurns } from "../../../src/apply/take-turns.ts";
import { turn } from "../../../src/apply/turn.ts";
import type { Ends, Party } from "../../../src/apply/turn.ts";
import type { Plan, Step, Wait } from "../../../src/plan/plan.ts";
import type { RemoteShell } from "../../../src/shell/shell.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { NOTHING } from "../plan/example-plan.ts";

interface Named extends Party {
  readonly name: string;
}

const CHANGE = { kind: "stop-unit", unit: "x.service" } as const;

function step(resource: string, host: string, more: Partial<Step> = {}): Step {
  const id = `${host}/${resource}/stop`;
  return { id, resource, host, stage: "services", impact: "none", because: "it runs", change: CHANGE, ...more };
}

function wait(resource: string, deadlineSeconds: number, host = "a"): Wait {
  return {
    resource: `HAProxyPool/${resource}`,
    host,
    reason: "NoLeader",
    for: "a leader",
    holds: "data",
    deadlineSeconds,
    wayOut: "wait",
  };
}

const restart = (resource: string, host: string): Step =>
  step(resource, host, { impact: "restart", budget: { group: "pg", atMost: 1, away: [] } });

/** Parties by name, and turns with what they have in their plans at that moment. */
function table(names: readonly string[], manner = STEADY) {
  const told: string[] = [];
  const ran: string[] = [];
  const plans = new Map<string, Partial<Plan>>();
  const patiences = new Map(names.map((name) => [name, new Patience(manner)]));
  const marks = new Map<string, Partial<Party>>();
  const failing = new Set<string>();
  let nowMs = 1_800_000_000_000;
  const plan = (name: string): Plan => ({ ...NOTHING, ...plans.get(name) });
  const ends = {
    owner: "test",
    signal: new AbortController().signal,
    now: () => nowMs,
    onEvent: (event) => void (event.kind === "wave-started" && told.push(`wave ${event.stage}`)),
    record: async () => {},
    async look() {
      told.push("look");
      const patience = (name: string): Patience => patiences.get(name) ?? new Patience(manner);
      return {
        parties: names.map((name) => ({ name, plan: plan(name), patience: patience(name), ...marks.get(name) })),
        plans: names.map(plan),
        shellFor: (host: string): RemoteShell => ({
          host,
          async run({ display }, { onLine, holdUntil }) {
            if (holdUntil !== undefined) onLine?.("locked");
            await holdUntil;
            if (!display.includes("disable --now")) return { exitCode: 0, stdout: "", stderr: "" };
            ran.push(host);
            return { exitCode: failing.has(host) ? 1 : 0, stdout: "", stderr: "it said no" };
          },
        }),
        materialFor: () => MATERIAL,
      };
    },
    async tell({ name }, next) {
      told.push(`${name} ${next.kind}`);
      return undefined;
    },
    demandCurrent: async ({ name }) => void told.push(`${name} current?`),
    did: ({ name }, steps) => void told.push(`${name} did ${steps.length}`),
  } satisfies Ends<Named, string>;
  return {
    plans,
    marks,
    failing,
    told,
    ran,
    ends,
    after: (seconds: number) => void (nowMs += seconds * 1000),
    now: () => nowMs,
    turn: async (others: Partial<Ends<Named, string>> = {}): Promise<Readonly<Record<string, Ending>>> => {
      const endings = await turn<Named, string>({ ...ends, ...others });
      return Object.fromEntries([...endings].map(([{ name }, ending]) => [name, ending]));
    },
  };
}

const kinds = (endings: Readonly<Record<string, Ending>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(endings).map(([name, { kind }]) => [name, kind]));

describe("a turn", () => {
  it(
    "looks, tells of all, asks whether the plan is still meant, takes one wave of all, and tells what " + "was done",
    async () => {
      const all = table(["x", "y", "z"]);
      all.plans.set("x", { steps: [step("x", "a"), step("x", "b", { stage: "data" })] });
      all.plans.set("y", { steps: [step("y", "c", { stage: "data" })] });
      assert.deepEqual(kinds(await all.turn()), { x: "taken", y: "taken", z: "done" });
      assert.deepEqual(all.told, ["look", "x steps", "y steps", "z done", "x current?", "wave services", "x did 1"]);
      assert.deepEqual(all.ran, ["a"]);
    },
  );

  it("touches nothing of one that left, or whose plan is not meant any more, and goes on with the others", async () => {
    for (const how of ["tell", "demandCurrent"] as const) {
      const all = table(["x", "y"]);
      for (const name of ["x", "y"]) all.plans.set(name, { steps: [step(name, name)] });
      const endings = await all.turn({
        [how]: ({ name }: Named) => (name === "x" ? Promise.reject(new Error("changed")) : Promise.resolve(undefined)),
        each: async (parties, stage) => {
          const left = await Promise.all(parties.map(async (party) => stage(party).catch(() => "left")));
          return parties.filter((_, index) => left[index] === undefined);
        },
      });
      assert.deepEqual([kinds(endings), all.ran], [{ y: "taken" }, ["y"]], how);
    }
  });

  it(
    "touches nothing of one that is only looked at, asks nothing about it, and counts what it has out of " + "service",
    async () => {
      const all = table(["x", "y"]);
      all.marks.set("x", { handsOff: true });
      const down = { ...restart("x", "b"), budget: { group: "pg", atMost: 1, away: ["b"] } };
      all.plans.set("x", { steps: [down] });
      all.plans.set("y", { steps: [restart("y", "a")] });
      assert.deepEqual(kinds(await all.turn()), { x: "blocked", y: "crowded" });
      assert.deepEqual(all.ran, []);
    },
  );

  it("shares budgets: who has to wait for another's restart is looked at again at once", async () => {
    const all = table(["x", "y"]);
    all.plans.set("x", { steps: [restart("x", "a")] });
    all.plans.set("y", { steps: [restart("y", "b")] });
    assert.deepEqual(kinds(await all.turn()), { x: "taken", y: "taken" });
    assert.deepEqual(all.ran, ["a"]);
  });

  it("says whose step failed, and goes on with the others", async () => {
    const all = table(["x", "y"]);
    for (const name of ["x", "y"]) all.plans.set(name, { steps: [step(name, name)] });
    all.failing.add("x");
    const { x, y } = await all.turn();
    assert.ok(x?.kind === "failed" && y?.kind === "taken");
    assert.match(x.failure.said, /it said no/);
  });

  it(
    "does not repeat at once what may be about to show, and ends a step that does not hold with who " + "undoes it",
    async () => {
      const all = table(["x"]);
      all.plans.set("x", { steps: [step("x", "a")] });
      for (let time = 0; time < 3; time += 1) {
        assert.deepEqual(kinds(await all.turn()), { x: "taken" });
        assert.deepEqual(kinds(await all.turn()), { x: "settling" });
        all.after(20);
      }
      const { x } = await all.turn();
      assert.ok(x?.kind === "undone");
      assert.match(x.failure.said, /done three times and is still needed/);
      assert.match(x.failure.wayOut, /Something else on that host starts it again/);
      assert.deepEqual(kinds(await all.turn()), { x: "rest" });
      all.marks.set("x", { asked: "something else" });
      assert.deepEqual(kinds(await all.turn()), { x: "taken" }, "somebody touched it");
      assert.equal(all.ran.length, 4);
    },
  );

  it("times each wait from when it was first seen, and goes on with a wait of an earlier process", async () => {
    const all = table(["x"]);
    all.plans.set("x", { waits: [wait("x", 600), wait("x", 60, "b")] });
    assert.equal((await all.turn())["x"]?.kind, "wait");
    all.after(61);
    const { x } = await all.turn();
    assert.ok(x?.kind === "wait");
    assert.equal(x.overdue?.wait.host, "b");
    all.plans.set("x", { waits: [wait("x", 600)] });
    const again = (await all.turn())["x"];
    assert.ok(again?.kind === "wait" && again.overdue === undefined && again.timed[0]?.sinceMs === all.now() - 61_000);
    const anew = table(["x"]);
    anew.plans.set("x", { waits: [wait("x", 600)] });
    anew.marks.set("x", { waitsUntil: new Date(anew.now() - 1).toISOString() });
    const late = (await anew.turn())["x"];
    assert.ok(late?.kind === "wait" && late.overdue !== undefined);
  });

  it("ends where it is told to stop: nothing is taken", async () => {
    const all = table(["x"]);
    all.plans.set("x", { steps: [step("x", "a")] });
    assert.deepEqual(kinds(await all.turn({ signal: AbortSignal.abort() })), { x: "interrupted" });
    assert.deepEqual(all.ran, []);
  });
});

describe("when to look again", () => {
  const ofWait = (sinceMs: number): Ending => ({
    kind: "wait",
    timed: [{ wait: wait("x", 600), sinceMs, untilMs: sinceMs + 600_000 }],
  });
  const away = { resource: "x", reason: "HostUnreachable", why: "", wayOut: "", scope: "host" } as const;

  it(
    "is soon for what is young, at a poll for what comes by itself some time, at the usual one for a person" +
      "'s matter",
    () => {
      const when = (ending: Ending) => whenAgain(ending, STEADY, 100_000);
      assert.deepEqual(when(ofWait(99_000)), { kind: "again", afterMs: 1_000 });
      assert.deepEqual(when(ofWait(0)), { kind: "again", afterMs: 5_000 });
      assert.deepEqual(when({ kind: "crowded" }), { kind: "settled", pollMs: 10_000 });
      assert.deepEqual(when({ kind: "blocked", plan: { ...NOTHING, blockers: [away] } }), {
        kind: "settled",
        pollMs: 10_000,
      });
      const person = { ...away, reason: "VolumeMissing" } as const;
      assert.deepEqual(when({ kind: "blocked", plan: { ...NOTHING, blockers: [person] } }), { kind: "settled" });
      assert.deepEqual(when({ kind: "rest", untilMs: 130_000 }), { kind: "again", afterMs: 30_000 });
      assert.deepEqual(whenAgain(ofWait(0), HURRIED, 100_000), { kind: "again", afterMs: 500 });
    },
  );
});

describe("turns until the end", () => {
  /** The same ends, for one who has no name. */
  const until = async (all: ReturnType<typeof table>, tell: Ends<Party, true>["tell"] = async () => undefined) => {
    const { owner, signal, now, onEvent, record } = all.ends;
    return takeTurns({ owner, signal, now, onEvent, record, look: async () => all.ends.look(), tell });
  };

  it("end when nothing is left to do, with the same step done three times at most", async () => {
    const all = table(["x"], HURRIED);
    all.plans.set("x", { steps: [step("x", "a")] });
    const outcome = await until(all);
    assert.ok(outcome.kind === "failed");
    assert.match(outcome.failure.said, /done three times/);
    assert.equal(all.ran.length, 3);
    all.plans.clear();
    assert.equal((await until(all)).kind, "converged");
  });

  it("end with a wait that is overdue, with what blocks, and with who does not want it", async () => {
    const all = table(["x"], HURRIED);
    all.plans.set("x", { waits: [wait("x", 60)] });
    const tell = async (): Promise<undefined> => {
      all.after(50);
      return undefined;
    };
    const late = await until(all, tell);
    assert.ok(late.kind === "deadline" && late.waitedMs >= 60_000);
    assert.equal((await until(all, async () => true)).kind, "interrupted");
    all.plans.set("x", {
      blockers: [{ resource: "x", reason: "VolumeMissing", why: "", wayOut: "", scope: "everything" }],
    });
    assert.equal((await until(all)).kind, "blocked");
  });
});
