import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Step } from "../../../src/plan/plan.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";
import { PENDING, withLeave } from "../../model/restarts.ts";
import { HAPPENINGS } from "../../model/happenings.ts";
import { withNewestPackages, withPackages } from "../../model/worlds.ts";

const pristine = await convergedWorld();
const HOSTS = ["db-master-01", "db-slave-01", "db-slave-02", "proxy-01", "proxy-02"];

async function planOf(model: ModelWorld, begin = PENDING): Promise<Pass> {
  return passOver(model.stack, withLeave(model, begin), model.looks());
}

function words({ host, change }: Step): string {
  const upgrades =
    change.kind === "upgrade-packages" || change.kind === "restart-member" ? (change.upgrades ?? []) : [];
  return [`${change.kind} ${host ?? ""}`, ...upgrades.map(({ name }) => name)].join(" ");
}

describe("newer packages", () => {
  it("are told and nothing else where upgrades are manual", async () => {
    const model = pristine.copy();
    for (const host of HOSTS) HAPPENINGS["could have newer packages"]?.does(model, model.host(host));
    const { plan, statuses } = await planOf(model);
    assert.deepEqual(plan, { steps: [], waits: [], blockers: [], warnings: plan.warnings });
    const upgrades = (name: string) => statuses.get(name)?.hosts[0]?.upgrades;
    assert.deepEqual(upgrades("PostgresHACluster/keybuzz-pg"), { "postgresql-17": "99.1-1", patroni: "99.1-1" });
    assert.deepEqual(upgrades("HAProxyPool/keybuzz-haproxy"), { haproxy: "99.1-1" });
    assert.deepEqual(upgrades("PgBouncerPool/keybuzz-pgbouncer"), { pgbouncer: "99.1-1" });
  });

  it("come to a member right before its restart, to standbys first, to who led once another leads", async () => {
    const { plan } = await planOf(withNewestPackages(pristine));
    const both = "postgresql-17 patroni";
    assert.deepEqual(plan.steps.filter(({ stage }) => stage === "settle").map(words), [
      `restart-member db-slave-01 ${both}`,
      `restart-member db-slave-02 ${both}`,
      "switch-over db-master-01",
      `restart-member db-master-01 ${both}`,
    ]);
  });

  it("wait with the restart that they take, where nobody lets that happen", async () => {
    const model = withNewestPackages(pristine);
    const { plan } = await passOver(model.stack, model.world, model.looks());
    assert.deepEqual(
      plan.steps.filter(({ host }) => host?.startsWith("db")).map(words),
      [],
      "nothing is installed that would not be used",
    );
    const [waiting] = plan.blockers;
    assert.equal(waiting?.reason, "PendingRestart");
    assert.match(waiting.why, /to be upgraded: postgresql-17 17\.4-1 to 99\.1-1/);
  });

  it("come to one way to the cluster at a time, the next once the one before runs what is new", async () => {
    const model = withNewestPackages(pristine);
    const waves: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const pass = await planOf(model);
      const wave = nextWave(pass.plan);
      if (wave.kind === "wait") for (const name of ["proxy-01", "proxy-02"]) model.host(name).former = undefined;
      if (wave.kind === "wait") continue;
      if (wave.kind !== "steps") break;
      const ways = wave.steps.filter(({ host }) => host?.startsWith("proxy"));
      if (ways.length > 0) waves.push(ways.map(words).join(", "));
      for (const step of wave.steps) await model.take(step, pass);
    }
    assert.deepEqual(waves, [
      "upgrade-packages proxy-01 haproxy, upgrade-packages proxy-01 pgbouncer",
      "reload-unit proxy-01, restart-unit proxy-01",
      "upgrade-packages proxy-02 haproxy, upgrade-packages proxy-02 pgbouncer",
      "reload-unit proxy-02, restart-unit proxy-02",
    ]);
    const { plan, statuses } = await planOf(model);
    assert.deepEqual(plan.steps, []);
    assert.ok([...statuses.values()].every(({ hosts }) => hosts.every(({ upgrades }) => upgrades === undefined)));
  });

  it("come at a declared version whatever the rest does, and no package is replaced by an older one", async () => {
    const model = withPackages(pristine.copy(), { upgrade: "Manual", versions: { patroni: "99.1-1" } });
    for (const host of HOSTS) HAPPENINGS["could have newer packages"]?.does(model, model.host(host));
    const { plan } = await planOf(model);
    assert.deepEqual(plan.steps.filter(({ stage }) => stage === "settle").map(words), [
      "restart-member db-slave-01 patroni",
      "restart-member db-slave-02 patroni",
      "switch-over db-master-01",
      "restart-member db-master-01 patroni",
    ]);
    const past = withPackages(pristine.copy(), { upgrade: "Automatic", versions: { patroni: "1.0-1" } });
    past.host("db-slave-01").upgrades.unmet.set("patroni", "past");
    past.host("db-slave-02").upgrades.unmet.set("patroni", "missing");
    const { plan: held, statuses } = await planOf(past);
    assert.deepEqual(held.steps, []);
    assert.deepEqual(
      held.blockers.map(({ host, reason }) => [host, reason]),
      [
        ["db-slave-01", "PackageVersion"],
        ["db-slave-02", "PackageVersion"],
      ],
    );
    assert.match(held.blockers[0]?.why ?? "", /^patroni is \S+ there, newer than 1\.0-1, /);
    assert.match(held.blockers[1]?.why ?? "", /no package source of the host has 1\.0-1/);
    const ready = statuses.get("PostgresHACluster/keybuzz-pg")?.conditions.find(({ type }) => type === "Ready");
    assert.notEqual(ready?.status, "True");
  });

  it("say of PgBouncer before that its clients are disconnected, and of HAProxy that nobody notices", async () => {
    const { plan } = await planOf(withNewestPackages(pristine));
    const of = (name: string) => plan.steps.find((step) => words(step).endsWith(`proxy-01 ${name}`));
    assert.deepEqual([of("pgbouncer")?.impact, of("haproxy")?.impact], ["restart", "reload"]);
    assert.match(of("pgbouncer")?.noticed ?? "", /is disconnected/);
  });
});
