import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Blocker, Impact, Plan, Step } from "../../../src/plan/plan.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { NOTHING } from "./example-plan.ts";

const CLUSTER = "PostgresHACluster/pg";
const POOLER = "PgBouncerPool/pool";

function step(
  id: string,
  { resource = CLUSTER, impact = "restart" as Impact, after = [] as readonly string[] } = {},
): Step {
  return {
    id,
    resource,
    host: id,
    stage: "settle",
    impact,
    because: "it is old",
    change: { kind: "restart-unit", unit: "x.service" },
    after,
  };
}

function blocker(scope: Blocker["scope"], resource = CLUSTER, host?: string): Blocker {
  return { resource, scope, reason: "PendingRestart", why: "x", wayOut: "y", ...(host === undefined ? {} : { host }) };
}

function taken(plan: Partial<Plan>): readonly string[] | string {
  const wave = nextWave({ ...NOTHING, ...plan });
  return wave.kind === "steps" ? wave.steps.map(({ id }) => id) : wave.kind;
}

describe("a blocker holds what it names", () => {
  const steps = [step("a"), step("b", { resource: POOLER })];

  it("of one resource, none of another's restarts", () => {
    assert.deepEqual(taken({ steps, blockers: [blocker("disruptive")] }), ["b"]);
    assert.deepEqual(taken({ steps, blockers: [blocker("host", CLUSTER, "c")] }), ["b"]);
    assert.deepEqual(taken({ steps, blockers: [blocker("disruptive", POOLER)] }), ["a"]);
  });

  it("its own resource's restarts, whatever its host, and not what nobody notices", () => {
    const quiet = step("a", { impact: "reload" });
    for (const scope of ["disruptive", "host"] as const)
      assert.deepEqual(taken({ steps: [step("b"), quiet], blockers: [blocker(scope, CLUSTER, "c")] }), ["a"]);
    assert.equal(taken({ steps, blockers: [blocker("everything")] }), "blocked");
  });

  it("nothing, where it is only not as it should be: and that is no done", () => {
    assert.deepEqual(taken({ steps, blockers: [blocker("nothing", CLUSTER, "a")] }), ["a", "b"]);
    assert.equal(taken({ blockers: [blocker("nothing")] }), "blocked");
  });
});

describe("a step after others", () => {
  it("waits while the plan has one of them, and goes once they are gone", () => {
    const last = step("c", { after: ["a", "b"] });
    assert.deepEqual(taken({ steps: [step("a"), step("b", { after: ["a"] }), last] }), ["a"]);
    assert.deepEqual(taken({ steps: [step("b", { after: ["a"] }), last] }), ["b"]);
    assert.deepEqual(taken({ steps: [last] }), ["c"]);
  });

  it("is held by one of them that is held itself", () => {
    const steps = [step("a", { resource: POOLER }), step("b", { after: ["a"] })];
    assert.equal(taken({ steps, blockers: [blocker("disruptive", POOLER)] }), "blocked");
  });
});
