import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Blocker, Budget, Impact, Plan, Stage, Step, Wait } from "../../../src/plan/plan.ts";
import { mergePlans, nextWave } from "../../../src/plan/wave.ts";
import { NOTHING } from "./example-plan.ts";

interface Told {
  readonly resource?: string;
  readonly stage?: Stage;
  readonly impact?: Impact;
  readonly budget?: Budget;
}

function restart(
  host: string,
  { resource = "PgBouncerPool/pool", stage = "services", impact = "restart", budget }: Told = {},
): Step {
  return {
    id: `${host}/${resource}/${stage}`,
    resource,
    host,
    stage,
    impact,
    because: "it is old",
    change: { kind: "restart-unit", unit: "pgha-pgbouncer.service" },
    ...(budget === undefined ? {} : { budget }),
  };
}

function blocker(host: string | undefined, scope: Blocker["scope"] = "host"): Blocker {
  return {
    resource: "PgBouncerPool/pool",
    ...(host === undefined ? {} : { host }),
    scope,
    reason: "Waiting",
    why: "x",
    wayOut: "y",
  };
}

function wait(holds: Stage, resource = "PgBouncerPool/pool"): Wait {
  return { resource, reason: "Waiting", for: "x", holds, deadlineSeconds: 1, wayOut: "y" };
}

/** The hosts of the steps that the next wave takes, or why there are none. */
function taken(plan: Partial<Plan>): readonly (string | undefined)[] | string {
  const wave = nextWave({ ...NOTHING, ...plan });
  return wave.kind === "steps" ? wave.steps.map((step) => step.host) : wave.kind;
}

const one = (group: string, away: readonly string[] = []): Budget => ({ group, atMost: 1, away });

describe("a wave", () => {
  it("does not wait for what comes on a host only once something known there is out of the way", () => {
    const onA = { ...wait("settle"), host: "a" };
    assert.equal(taken({ waits: [onA], blockers: [blocker("a")] }), "blocked");
    assert.equal(taken({ waits: [onA], blockers: [blocker("a", "disruptive")] }), "blocked");
    assert.equal(taken({ waits: [onA], blockers: [blocker("b")] }), "wait");
    assert.equal(taken({ waits: [onA, wait("data")], blockers: [blocker("a")] }), "wait");
    assert.equal(taken({ waits: [{ ...onA, resource: "x" }], blockers: [blocker("a")] }), "wait");
    // A pooler's logins do not come through a proxy that is held by hand.
    const through = { ...onA, resource: "x", through: blocker("a").resource };
    assert.equal(taken({ waits: [through], blockers: [blocker("a", "disruptive")] }), "blocked");
    assert.equal(taken({ waits: [through], blockers: [blocker("b")] }), "wait");
  });

  it("takes all steps of the lowest stage of each resource, and nothing of a later one", () => {
    const steps = [
      restart("b", { stage: "data" }),
      restart("a", { stage: "prepare" }),
      restart("c", { resource: "HAProxyPool/x" }),
    ];
    assert.deepEqual(taken({ steps }), ["a"]);
    assert.deepEqual(taken({ steps: steps.filter(({ host }) => host !== "a") }), ["c"]);
  });

  it("is held by a blocker of everything, by one of its host, and by one without a host", () => {
    const steps = [restart("a", { impact: "none" }), restart("b", { impact: "none" })];
    assert.deepEqual(taken({ steps, blockers: [blocker("z", "everything")] }), "blocked");
    assert.deepEqual(taken({ steps, blockers: [blocker("a")] }), ["b"]);
    assert.deepEqual(taken({ steps, blockers: [blocker(undefined)] }), "blocked");
  });

  it("interrupts nobody of a resource that something is in the way of, and others all the same", () => {
    const steps = [restart("a"), restart("b", { resource: "HAProxyPool/x", impact: "disruptive" })];
    for (const scope of ["host", "disruptive"] as const)
      assert.deepEqual(taken({ steps, blockers: [blocker("z", scope)] }), ["b"]);
    const last = steps.slice(0, 1);
    assert.deepEqual(taken({ steps: last, blockers: [blocker("z")] }), "blocked");
  });

  it(
    "is held by a blocker of its resource, which holds nothing else: no restart of another one, and none " +
      "of its hosts",
    () => {
      const steps = [restart("a"), restart("a", { resource: "x" }), { ...restart("b"), mends: true as const }];
      assert.deepEqual(nextWave({ ...NOTHING, steps, blockers: [blocker(undefined, "resource")] }), {
        kind: "steps",
        stage: "services",
        steps: [steps[1]],
      });
      assert.equal(taken({ steps: [restart("a")], blockers: [blocker("b", "resource")] }), "blocked");
    },
  );

  it("waits with the stage that a wait holds and later ones, of that resource alone", () => {
    const steps = [restart("a"), restart("b", { resource: "HAProxyPool/x" })];
    assert.deepEqual(taken({ steps, waits: [wait("data"), wait("services")] }), ["b"]);
    assert.deepEqual(taken({ steps: steps.slice(0, 1), waits: [wait("services"), wait("data")] }), "wait");
    assert.deepEqual(taken({ steps: steps.slice(0, 1), waits: [wait("data")] }), ["a"]);
  });

  it("says done only of an empty plan", () => {
    assert.equal(taken({}), "done");
    assert.equal(taken({ waits: [wait("data")] }), "wait");
    assert.equal(taken({ blockers: [blocker("a")] }), "blocked");
  });
});

describe("what may put right what everything else waits for", () => {
  const mending = (host: string): Step => ({
    ...restart(host, { stage: "settle", impact: "reload", resource: "PostgresHACluster/pg" }),
    mends: true,
  });

  it("is taken beside the first stage, after secrets, and holds no later stage back", () => {
    const steps = [mending("a"), restart("b", { stage: "prepare" }), restart("c", { stage: "record" })];
    assert.deepEqual(taken({ steps }), ["c"]);
    assert.deepEqual(taken({ steps: steps.slice(0, 2) }), ["a", "b"]);
    assert.deepEqual(taken({ steps: steps.slice(0, 1) }), ["a"]);
  });

  it("is held by no wait, and by no blocker but of its own resource about its host or about none", () => {
    const own = (host: string | undefined, scope: Blocker["scope"]): Blocker => ({
      ...blocker(host, scope),
      resource: "PostgresHACluster/pg",
    });
    const steps = [mending("a"), restart("b", { impact: "none" })];
    assert.deepEqual(taken({ steps: steps.slice(0, 1), waits: [wait("record", "PostgresHACluster/pg")] }), ["a"]);
    assert.deepEqual(taken({ steps, blockers: [blocker("z", "everything")] }), ["a"]);
    assert.deepEqual(taken({ steps, blockers: [own("z", "everything"), own("a", "disruptive")] }), ["a"]);
    assert.deepEqual(taken({ steps, blockers: [own(undefined, "everything")] }), "blocked");
    assert.deepEqual(taken({ steps, blockers: [own("a", "host")] }), ["b"]);
  });
});

describe("a budget", () => {
  it("lets one host of its group be taken at a time, and the hosts of another group beside it", () => {
    const steps = ["a", "b", "c"].flatMap((host) => [
      restart(host, { budget: one("poolers") }),
      restart(host, { resource: "HAProxyPool/x", budget: one("proxies") }),
    ]);
    assert.deepEqual(taken({ steps }), ["a", "a"]);
    assert.deepEqual(taken({ steps: steps.slice(1) }), ["a", "b"]);
  });

  it("counts what is down already, where a step takes nothing more away", () => {
    const steps = ["a", "b"].map((host) => restart(host, { budget: one("poolers", ["b"]) }));
    assert.deepEqual(taken({ steps }), ["b"]);
    assert.deepEqual(taken({ steps: steps.slice(0, 1) }), "blocked");
    assert.deepEqual(taken({ steps: [restart("a", { budget: { group: "poolers", atMost: 2, away: ["b"] } })] }), ["a"]);
  });

  it("is shared over resources, and more than one step of a host take it once", () => {
    const steps = ["a", "a", "b"].map((host, index) =>
      restart(host, { resource: `PgBouncerPool/${index}`, budget: one("poolers") }),
    );
    assert.deepEqual(taken({ steps }), ["a", "a"]);
  });

  it("holds what stands behind a step that has to wait, on the same host", () => {
    const steps = [
      restart("a", { budget: one("poolers") }),
      restart("b", { budget: one("poolers") }),
      restart("b", { impact: "none" }),
      restart("c", { impact: "none" }),
    ];
    assert.deepEqual(taken({ steps }), ["a", "c"]);
  });
});

it("a plan of 200,000 steps is merged and scheduled in time that grows with it, not with its square", () => {
  const steps = Array.from({ length: 200_000 }, (_, index) =>
    restart(`host-${index % 5_000}`, {
      resource: `PgBouncerPool/${index % 2_000}`,
      impact: "none",
      budget: one(`g${index % 1_000}`),
    }),
  );
  const blockers = Array.from({ length: 1_000 }, (_, index) => blocker(`host-${index}`));
  const waits = Array.from({ length: 1_000 }, (_, index) => wait("services", `PgBouncerPool/${index}`));
  const started = process.cpuUsage();
  const wave = nextWave(mergePlans([{ ...NOTHING, steps, blockers, waits }]));
  const tookMs = process.cpuUsage(started).user / 1000;
  assert.equal(wave.kind, "steps");
  assert.ok(tookMs < 2_000, `${tookMs.toFixed(0)} ms of CPU`);
});
