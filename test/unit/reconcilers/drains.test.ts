import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextWave } from "../../../src/plan/wave.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";
import { PENDING, withLeave, withParameters } from "../../model/restarts.ts";
import { withPools } from "../../model/worlds.ts";

const pristine = await convergedWorld();

async function planOf(model: ModelWorld): Promise<Pass> {
  return passOver(model.stack, withLeave(model, PENDING), model.looks());
}

/** Which proxies lead readers past whom, by step. */
function drainsIn({ plan }: Pass): readonly string[] {
  return plan.steps.flatMap(({ change }) => {
    const [member, drains] =
      change.kind === "switch-over"
        ? [change.to, change.drains ?? []]
        : change.kind === "restart-member"
          ? [change.member, change.readers?.drains ?? []]
          : ["", []];
    return member === "" ? [] : [`${member}: ${drains.map(({ host, seconds }) => `${host} ${seconds} s`).join(", ")}`];
  });
}

const noticed = ({ plan }: Pass): string => plan.steps.map((step) => step.noticed ?? "").join("\n");

describe("readers of a member that is worked on", () => {
  const changed = (model: ModelWorld = pristine) => withParameters(model, { max_connections: 300 });

  it("leave it before, on every proxy, and it is said who is disconnected and after how long", async () => {
    const pass = await planOf(changed());
    const both = "proxy-01 15 s, proxy-02 15 s";
    assert.deepEqual(drainsIn(pass), [`db-slave-01: ${both}`, `db-slave-02: ${both}`, `db-slave-01: ${both}`]);
    assert.match(
      noticed(pass),
      /readers through HAProxy on proxy-01 and proxy-02 go to other replicas first, and only sessions that stay for longer than 15 s/,
    );
  });

  it("are disconnected by a proxy that cannot be looked at or is told so, which holds no restart, and is said", async () => {
    const away = changed();
    away.host("proxy-02").reachable = false;
    const first = await planOf(away);
    assert.deepEqual(drainsIn(first)[0], "db-slave-01: proxy-01 15 s");
    assert.match(noticed(first), /readers through HAProxy on proxy-02 are disconnected, and served by others/);
    const told = changed().copy(
      withPools(changed().stack, { haproxy: { timeouts: { ...timeouts(), drainSeconds: 0 } } }),
    );
    const second = await planOf(told);
    assert.equal(drainsIn(second)[0], "db-slave-01: ");
    assert.match(noticed(second), /on proxy-01 and proxy-02 are disconnected/);
  });

  it("stay where nobody else serves them, and that is said", async () => {
    const model = changed();
    model.host("db-slave-02").kill("patroni.service", false);
    const pass = await planOf(model);
    assert.doesNotMatch(noticed(pass), /go to other replicas/);
  });

  it("are led back before anything else where nobody saw to it; who is drained by hand stays so", async () => {
    const model = changed();
    model.host("proxy-01").drained = { member: "db-slave-01" };
    const pass = await planOf(model);
    const wave = nextWave(pass.plan);
    assert.ok(wave.kind === "steps");
    assert.deepEqual(
      wave.steps.filter(({ host }) => host !== undefined).map(({ id }) => id),
      [],
      "what is recorded comes first",
    );
    const mending = pass.plan.steps.find(({ change }) => change.kind === "end-drain");
    assert.deepEqual([mending?.host, mending?.mends], ["proxy-01", true]);
    assert.deepEqual(
      pass.plan.blockers.filter(({ reason }) => reason === "ProxyHeld"),
      [],
    );

    model.host("proxy-01").drained = undefined;
    model.host("proxy-01").drainedByHand = new Set(["db-slave-01"]);
    const byHand = await planOf(model);
    assert.equal(byHand.plan.blockers.find(({ reason }) => reason === "ProxyHeld")?.host, "proxy-01");
    assert.equal(
      byHand.plan.steps.some(({ change }) => change.kind === "end-drain"),
      false,
    );
  });

  const timeouts = () => pristine.stack.haproxyPools[0]?.spec.timeouts ?? assert.fail("no pool");
});
