import type { PostgresHACluster } from "../../src/api/index.ts";
import fc from "fast-check";
import type { RestartLeave } from "../../src/reconcilers/restart-leave.ts";
import type { Stack } from "../../src/reconcilers/stack.ts";
import type { SwitchoverLeave } from "../../src/reconcilers/switchover-leave.ts";
import { HAPPENINGS } from "./happenings.ts";
import { ModelWorld } from "./model-world.ts";
import { withOwnStore } from "./own-store.ts";
import type { Script } from "./watched.ts";
import { withParameters } from "./restarts.ts";
import { sampleStack } from "./sample-stack.ts";

/** What a generated world is like before anything happens in it. */
export interface Start {
  /** `fresh`: nothing was ever there. Else who leads. */
  readonly led: "fresh" | "db-master-01" | "db-slave-01" | "db-slave-02";
  readonly edits: readonly (keyof typeof EDITS)[];
  readonly asked: boolean;
  /** Whether somebody asked for another leader: any, or this one. */
  readonly switchover: "none" | "any" | "db-slave-01";
}

/** How a manifest says something else than what is in force. */
const EDITS = {
  "more connections": (model: ModelWorld) => withParameters(model, { max_connections: 300 }),
  "fewer connections": (model: ModelWorld) => withParameters(model, { max_connections: 150 }),
  "more memory": (model: ModelWorld) => withParameters(model, { shared_buffers: "512MB" }),
  "another port of PgBouncer": (model: ModelWorld) => model.copy(withPools(model.stack, { pgbouncer: { port: 6433 } })),
  "larger pools": (model: ModelWorld) => model.copy(withPools(model.stack, { pgbouncer: { defaultPoolSize: 7 } })),
  "more clients of HAProxy": (model: ModelWorld) =>
    model.copy(withPools(model.stack, { haproxy: { maxConnections: 60_000 } })),
  "newest packages": (model: ModelWorld) => withNewestPackages(model),
  "copies made anew": (model: ModelWorld) => withPatroni(model, { autoReinit: "enabled" }),
} as const;

/** With another spec.packages of the cluster's. */
export function withPackages(model: ModelWorld, packages: PostgresHACluster["spec"]["packages"]): ModelWorld {
  return model.copy({
    ...model.stack,
    clusters: model.stack.clusters.map((cluster) => ({ ...cluster, spec: { ...cluster.spec, packages } })),
  });
}

/** All that is declared is to be kept new, and there is something newer. */
export function withNewestPackages(model: ModelWorld): ModelWorld {
  const packages = { upgrade: "Automatic" } as const;
  const pools = withPools(model.stack, { pgbouncer: { packages }, haproxy: { packages } });
  const other = withPackages(model.copy(pools), packages);
  for (const host of other.hosts.values()) HAPPENINGS["could have newer packages"]?.does(other, host);
  return other;
}

/** With members that are to run in containers of an image that each host has. */
export function inContainers(model: ModelWorld): ModelWorld {
  const runs = { runtime: "container", container: { image: { id: `sha256:${"a".repeat(64)}` } } } as const;
  return model.copy({
    ...model.stack,
    clusters: model.stack.clusters.map((cluster) => ({ ...cluster, spec: { ...cluster.spec, ...runs } })),
  });
}

/** With other fields of spec.patroni. */
export function withPatroni(
  model: ModelWorld,
  change: Partial<ModelWorld["stack"]["clusters"][number]["spec"]["patroni"]>,
): ModelWorld {
  const { stack } = model;
  return model.copy({
    ...stack,
    clusters: stack.clusters.map((cluster) => ({
      ...cluster,
      spec: { ...cluster.spec, patroni: { ...cluster.spec.patroni, ...change } },
    })),
  });
}

export function withPools(stack: Stack, change: { readonly pgbouncer?: object; readonly haproxy?: object }): Stack {
  return {
    ...stack,
    haproxyPools: stack.haproxyPools.map((pool) => ({ ...pool, spec: { ...pool.spec, ...change.haproxy } })),
    pgbouncerPools: stack.pgbouncerPools.map((pool) => ({ ...pool, spec: { ...pool.spec, ...change.pgbouncer } })),
  };
}

const HOSTS = ["db-master-01", "db-slave-01", "db-slave-02", "proxy-01", "proxy-02"] as const;

export const starts: fc.Arbitrary<Start> = fc.record({
  led: fc.oneof(
    { weight: 1, arbitrary: fc.constant("fresh" as const) },
    { weight: 9, arbitrary: fc.constantFrom("db-master-01" as const, "db-slave-01" as const, "db-slave-02" as const) },
  ),
  edits: fc.uniqueArray(fc.constantFrom(...(Object.keys(EDITS) as (keyof typeof EDITS)[])), { maxLength: 3 }),
  asked: fc.boolean(),
  switchover: fc.constantFrom("none" as const, "any" as const, "db-slave-01" as const),
});

export const scripts: fc.Arbitrary<Script> = fc.record({
  happenings: fc.array(
    fc.record({ what: fc.constantFrom(...Object.keys(HAPPENINGS)), host: fc.constantFrom(...HOSTS) }),
    { maxLength: 5 },
  ),
  chance: fc.nat(),
});

/** The world to begin with: of its own in all that it records. */
export async function worldOf(converged: ModelWorld, { led, edits, asked, switchover }: Start): Promise<ModelWorld> {
  let model = led === "fresh" ? new ModelWorld(sampleStack()) : await withOwnStore(converged);
  if (led !== "fresh") HAPPENINGS["is switched over to"]?.does(model, model.host(led));
  for (const edit of edits) model = EDITS[edit](model);
  const { world } = model;
  // A restart of all is asked for once; what waits for one may always have it.
  let isAsked = asked;
  let isWanted = switchover !== "none";
  const writeRecord: typeof world.store.writeRecord = async (kind, name, facts) => {
    if (facts.operation !== undefined) isAsked = false;
    if (facts.switchover !== undefined) isWanted = false;
    return world.store.writeRecord(kind, name, facts);
  };
  const restarts = (): RestartLeave => ({ wayOut: "", begin: { id: "pgha restart", asked: isAsked } });
  const switchovers = (): SwitchoverLeave =>
    isWanted ? { begin: { id: "pgha switchover", ...(switchover === "any" ? {} : { to: switchover }) } } : {};
  return Object.assign(model, {
    world: { ...world, store: { ...world.store, writeRecord }, now: () => model.clock, restarts, switchovers },
  });
}

/**
 * How many worlds a test tries, and which. By itself always the same ones, so that nobody stumbles over what others did;
 * PGHA_MODEL_WORLDS=50 tries fifty times as many, others each time, and PGHA_MODEL_SEED=SEED[:PATH] those that a failure named.
 */
export function worldsOf(count: number): { readonly numRuns: number; readonly seed?: number; readonly path?: string } {
  const { PGHA_MODEL_WORLDS: times, PGHA_MODEL_SEED: named } = process.env;
  const [seed, ...path] = (named ?? (times === undefined ? "1" : "")).split(":");
  return {
    numRuns: Math.max(1, Math.round(count * Number(times ?? 1))),
    ...(seed === undefined || seed === "" ? {} : { seed: Number(seed) }),
    ...(path.length === 0 ? {} : { path: path.join(":") }),
  };
}
