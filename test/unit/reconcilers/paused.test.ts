import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANNOTATIONS, whyHandsOff } from "../../../src/api/annotations.ts";
import type { Resource } from "../../../src/api/index.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import { recordSeen } from "../../../src/reconcilers/record.ts";
import { convergedWorld } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const CLUSTER = "PostgresHACluster/keybuzz-pg";
const PROXIES = "HAProxyPool/keybuzz-haproxy";
const POOLERS = "PgBouncerPool/keybuzz-pgbouncer";
const pristine = await convergedWorld();

type Change = (resource: Resource) => Resource;

/** What the command line finds, of a stack changed like this. */
async function passOf(
  change: Change,
  before: ModelWorld = pristine,
  spoil = (_: ModelWorld): void => {},
): Promise<Pass> {
  const stack = structuredClone(before.stack);
  const changed = <T extends Resource>(resources: readonly T[]): readonly T[] =>
    resources.map((resource) => change(resource) as T);
  const model = before.copy({
    ...stack,
    clusters: changed(stack.clusters),
    haproxyPools: changed(stack.haproxyPools),
    pgbouncerPools: changed(stack.pgbouncerPools),
  });
  spoil(model);
  const world = { ...model.world, handsOff: whyHandsOff };
  const pass = await passOver(model.stack, world, model.looks());
  await recordSeen(pass, world.store);
  return pass;
}

const paused =
  (kind: Resource["kind"]): Change =>
  (resource) =>
    (resource.kind === kind ? { ...resource, spec: { ...resource.spec, paused: true } } : resource) as Resource;

/** Something to do for the cluster and for both pools. */
const busier: Change = (resource) =>
  (resource.kind === "PostgresHACluster"
    ? { ...resource, spec: { ...resource.spec, postgresql: { ...resource.spec.postgresql, clientNetworks: [] } } }
    : resource.kind === "PgBouncerPool"
      ? { ...resource, spec: { ...resource.spec, defaultPoolSize: 7 } }
      : { ...resource, spec: { ...resource.spec, maxConnections: 4321 } }) as Resource;

const both =
  (...changes: readonly Change[]): Change =>
  (resource) =>
    changes.reduce((now, change) => change(now), resource);

const resourcesOf = (pass: Pass): readonly string[] => {
  const wave = nextWave(pass.plan);
  return wave.kind === "steps" ? [...new Set(wave.steps.map(({ resource }) => resource))] : [wave.kind];
};

describe("a resource that is paused, by command line", () => {
  it("has what would be done in the plan, and nothing of it taken, while the others go on", async () => {
    assert.deepEqual(resourcesOf(await passOf(busier)), [CLUSTER, PROXIES, POOLERS]);
    for (const [kind, held, others] of [
      ["PostgresHACluster", CLUSTER, [PROXIES, POOLERS]],
      ["HAProxyPool", PROXIES, [CLUSTER, POOLERS]],
      ["PgBouncerPool", POOLERS, [CLUSTER, PROXIES]],
    ] as const) {
      const pass = await passOf(both(busier, paused(kind)));
      assert.ok(pass.plan.steps.some(({ resource }) => resource === held));
      assert.deepEqual(resourcesOf(pass), others);
      const [blocker] = pass.plan.blockers.filter(({ reason }) => reason === "Paused");
      assert.equal(blocker?.resource, held);
      assert.match(blocker.why, /not touched, as spec\.paused asks; \d+ steps would be taken/);
      assert.match(blocker.wayOut, /Take spec\.paused out of the manifest/);
      const conditions = pass.statuses.get(held)?.conditions ?? [];
      assert.equal(conditions.find(({ type }) => type === "Paused")?.status, "True");
      assert.equal(pass.statuses.get(held)?.phase, "Paused");
    }
  });

  it(
    "ends blocked when nothing else is left to do, and converged, with a word, when nothing is to be " + "done to it",
    async () => {
      const only: Change = (resource) => (resource.kind === "HAProxyPool" ? busier(resource) : resource);
      assert.equal(nextWave((await passOf(both(only, paused("HAProxyPool")))).plan).kind, "blocked");
      const { plan, statuses } = await passOf(paused("HAProxyPool"));
      assert.deepEqual([nextWave(plan).kind, plan.blockers], ["done", []]);
      assert.deepEqual(
        plan.warnings.filter(({ reason }) => reason === "Paused").map(({ resource }) => resource),
        [PROXIES],
      );
      const ready = statuses.get(PROXIES)?.conditions.find(({ type }) => type === "Ready");
      assert.equal(ready?.status, "True");
    },
  );

  it("keeps nobody else from anything, whatever is in its way", async () => {
    const away = (model: ModelWorld): void => {
      model.host("proxy-01").reachable = false;
      model.host("proxy-02").reachable = false;
    };
    const cluster: Change = (resource) => (resource.kind === "PostgresHACluster" ? busier(resource) : resource);
    const pools = both(cluster, paused("HAProxyPool"), paused("PgBouncerPool"));
    assert.deepEqual(resourcesOf(await passOf(pools, pristine, away)), [CLUSTER]);
  });

  it("is held with its pools where they go by Secrets that it would have made", async () => {
    const role: Change = (resource) =>
      resource.kind === "PostgresHACluster"
        ? ({
            ...resource,
            spec: { ...resource.spec, roles: [...resource.spec.roles, { ...resource.spec.roles[0], name: "new" }] },
          } as Resource)
        : resource;
    const pass = await passOf(both(busier, role, paused("PostgresHACluster")));
    assert.equal(nextWave(pass.plan).kind, "blocked");
    assert.match(pass.plan.blockers.find(({ reason }) => reason === "Paused")?.why ?? "", /its pools go by Secrets/);
  });

  it("may be so by either annotation, and has no packages of its own installed by another's step", async () => {
    const fresh = new ModelWorld(sampleStack());
    for (const annotation of [ANNOTATIONS.paused, ANNOTATIONS.observeOnly]) {
      const marked: Change = (resource) =>
        resource.kind === "PgBouncerPool"
          ? ({ ...resource, metadata: { ...resource.metadata, annotations: { [annotation]: "true" } } } as Resource)
          : resource;
      const { plan } = await passOf(marked, fresh);
      const installed = plan.steps.flatMap(({ change, resource }) =>
        change.kind === "install-packages" ? [[resource, change.missing.includes("pgbouncer")] as const] : [],
      );
      assert.ok(installed.some(([resource]) => resource === PROXIES));
      assert.ok(installed.every(([resource, hasPooler]) => hasPooler === (resource === POOLERS)));
      assert.match(plan.blockers.find(({ resource }) => resource === POOLERS)?.why ?? "", new RegExp(annotation));
    }
  });
});
