import { isDeepStrictEqual } from "node:util";
import type { Kind } from "../api/index.ts";
import { judged } from "../operator/resources/judged.ts";
import { secretNamesOf } from "../operator/resources/secret-names.ts";
import { clusterNameOf, stackOf } from "../operator/resources/stack-of.ts";
import type { KubeObject } from "../runtime/kube-object.ts";
import { keyOf } from "../runtime/kube-object.ts";
import type { ObjectChange } from "../runtime/object-store.ts";
import { isMoreThanStatus } from "../runtime/wake-on.ts";
import type { StoredResource } from "../state/live-resource.ts";
import type { Watches } from "./watches.ts";

type Resources = Watches["resources"];

/** The cluster that a pool names. */
export function clusterKeyOf(pool: StoredResource): readonly string[] {
  const cluster = namedCluster(pool);
  return cluster === undefined ? [] : [`${pool.metadata.namespace ?? ""}/${cluster}`];
}

/** The pools of a kind that name a cluster. */
export function poolKeysOf(
  resources: Resources,
  kind: "HAProxyPool" | "PgBouncerPool",
): (cluster: StoredResource) => readonly string[] {
  return (cluster) =>
    resources[kind].store
      .list()
      .filter((pool) => clusterKeyOf(pool).includes(keyOf(cluster)))
      .map(keyOf);
}

/** The PgBouncerPools of the same cluster as an HAProxyPool. */
export function siblingPoolKeysOf(resources: Resources): (proxy: StoredResource) => readonly string[] {
  return (proxy) =>
    resources.PgBouncerPool.store
      .list()
      .filter((pool) => isDeepStrictEqual(clusterKeyOf(pool), clusterKeyOf(proxy)))
      .map(keyOf);
}

/** The resources of a kind that a Secret matters to, by themselves or by their cluster. */
export function refersToSecret(resources: Resources, kind: Kind): (secret: KubeObject) => readonly string[] {
  return ({ metadata }) => {
    const candidates = resources[kind].store
      .list()
      .filter((candidate) => candidate.metadata.namespace === metadata.namespace);
    const known = {
      resources: mapStores(resources),
      secret: () => undefined,
      secretsIn: () => [],
      secretsOwnedBy: () => [],
    };
    return candidates
      .filter((candidate) => {
        const verdict = judged(candidate);
        return verdict.sound && secretNamesOf(stackOf(verdict.resource, candidate, known).stack).has(metadata.name);
      })
      .map(keyOf);
  };
}

/** Whoever depends on a resource cares for what a person changed, and for whether and where it serves. */
export function serviceChanged(change: ObjectChange<StoredResource>): boolean {
  return (
    isMoreThanStatus(change) ||
    (change.kind === "updated" && !isDeepStrictEqual(service(change.before), service(change.object)))
  );
}

/** What an HAProxyPool's hosts see of the cluster behind them is another thing than before. */
export function viewChanged(change: ObjectChange<StoredResource>): boolean {
  return change.kind === "updated" && !isDeepStrictEqual(view(change.before), view(change.object));
}

function view({ status }: StoredResource): unknown {
  return (status?.hosts ?? []).map(({ name, state, message }) => [name, state, message]);
}

function service({ status }: StoredResource): unknown {
  const conditions = (status?.conditions ?? []).filter(({ type }) =>
    ["Available", "CredentialsReady", "SpecValid"].includes(type),
  );
  return [status?.leader, conditions.map(({ type, status: is }) => [type, is])];
}

function namedCluster(pool: StoredResource): string | undefined {
  const verdict = judged(pool);
  return verdict.sound && verdict.resource.kind !== "PostgresHACluster" ? clusterNameOf(verdict.resource) : undefined;
}

function mapStores(resources: Resources): Readonly<Record<Kind, Resources[Kind]["store"]>> {
  return {
    PostgresHACluster: resources.PostgresHACluster.store,
    HAProxyPool: resources.HAProxyPool.store,
    PgBouncerPool: resources.PgBouncerPool.store,
  };
}
