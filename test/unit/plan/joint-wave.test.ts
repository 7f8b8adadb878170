import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { jointWave } from "../../../src/plan/joint-wave.ts";
import type { Plan, Stage, Step } from "../../../src/plan/plan.ts";
import { NOTHING } from "./example-plan.ts";

const POOLER = "PgBouncerPool/pool";
const PROXY = "HAProxyPool/pool";
const GROUP = "PostgresHACluster/pg";

function step(resource: string, host: string, stage: Stage = "services", more: Partial<Step> = {}): Step {
  const id = `${host}/${resource}/${stage}`;
  const change: Step["change"] = { kind: "restart-unit", unit: "pgha-x.service" };
  return { id, resource, host, stage, impact: "none", because: "it is old", change, ...more };
}

function restart(resource: string, host: string, away: readonly string[] = []): Step {
  return step(resource, host, "services", { impact: "restart", budget: { group: GROUP, atMost: 1, away } });
}

/** What the resources take together, when each would take these steps next. */
function taken(nextOf: readonly (readonly Step[])[], others: readonly Step[] = []): readonly string[] {
  const plans = [...nextOf, others].map((steps): Plan => ({ ...NOTHING, steps }));
  return jointWave(nextOf, plans).steps.map(({ resource, host }) => `${host} ${resource.split("/")[0]}`);
}

describe("what the resources of a stack take together", () => {
  it("takes one host of those that share a budget, whichever resource it is of", () => {
    const proxies = [restart(PROXY, "a"), restart(PROXY, "b")];
    const poolers = [restart(POOLER, "a"), restart(POOLER, "b")];
    assert.deepEqual(taken([proxies, poolers]), ["a HAProxyPool", "a PgBouncerPool"]);
  });

  it("counts what is out of service of a resource that is not to be touched", () => {
    const down = step(POOLER, "b", "services", { budget: { group: GROUP, atMost: 1, away: ["b"] } });
    assert.deepEqual(taken([[restart(PROXY, "a")]], [down]), []);
    assert.deepEqual(taken([[restart(PROXY, "b")]], [down]), ["b HAProxyPool"]);
  });

  it("takes the lowest stage of all, and beside it, after secrets, what puts right what others wait for", () => {
    const mends = step(GROUP, "db", "settle", { mends: true });
    const [secret, file] = [step(POOLER, "a", "record"), step(PROXY, "b", "prepare")];
    assert.deepEqual(taken([[mends], [secret], [file]]), ["a PgBouncerPool"]);
    assert.deepEqual(taken([[mends], [file], [step(POOLER, "a")]]), ["db PostgresHACluster", "b HAProxyPool"]);
    assert.deepEqual(taken([[mends], []]), ["db PostgresHACluster"]);
  });

  it("installs what several want on a host at once", () => {
    const install = (resource: string, name: string): Step =>
      step(resource, "a", "prepare", {
        change: {
          kind: "install-packages",
          packages: { names: [name], services: {}, source: "distribution" },
          missing: [name],
          maskFirst: [],
        },
      });
    const { steps: wave } = jointWave([[install(PROXY, "haproxy")], [install(POOLER, "pgbouncer")]], []);
    assert.deepEqual(
      wave.map(({ change }) => (change.kind === "install-packages" ? change.packages.names : [])),
      [["haproxy", "pgbouncer"]],
    );
  });

  it("takes what comes after another's step once that one is done, and waits for none that takes no steps now", () => {
    const first = step("HostBaseline/base", "a", "prepare");
    const next = step(PROXY, "a", "prepare", { after: [first.id] });
    const elsewhere = step(PROXY, "b", "prepare");
    assert.deepEqual(taken([[first], [next, elsewhere]]), ["a HostBaseline", "b HAProxyPool"]);
    assert.deepEqual(taken([[next, elsewhere]], [first]), ["a HAProxyPool", "b HAProxyPool"]);
  });
});
