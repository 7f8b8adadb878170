import type { Kind, Resource } from "../api/index.ts";
import { PghaError } from "../errors.ts";
import type { Way } from "../plan/operations/switchover.ts";
import type { Looks, OthersWord, Reconcilable } from "./reconciler.ts";

/** Looks by resource (`Kind/name`), then by host name. */
export type StackLooks = ReadonlyMap<string, Looks>;

/** What the pools of a cluster say, as they were looked at. */
export function poolsWord(reconcilables: readonly Reconcilable[], looks: StackLooks, cluster: string): OthersWord {
  return { writesGoTo: writesGoTo(reconcilables, looks, cluster), ways: waysTo(reconcilables, looks, cluster) };
}

/** `Kind/name` of the cluster that a pool serves. */
export function clusterOfPool(resource: Resource): string | undefined {
  return resource.kind === "PostgresHACluster" || resource.kind === "HostBaseline"
    ? undefined
    : `${"PostgresHACluster" satisfies Kind}/${resource.spec.clusterRef.name}`;
}

/** The members that a cluster's proxies send writes to; undefined while no proxy of it answers, or none was asked. */
function writesGoTo(
  reconcilables: readonly Reconcilable[],
  looks: StackLooks,
  cluster: string,
): ReadonlySet<string> | undefined {
  const said = reconcilables.flatMap((one) =>
    clusterOfPool(one.resource) === cluster ? (one.writesGoTo?.(looksOf(looks, one)) ?? []) : [],
  );
  return said.length === 0 ? undefined : new Set(said.flatMap((members) => [...members]));
}

/** Proxies and poolers that lead to a cluster, as they were looked at. */
function waysTo(reconcilables: readonly Reconcilable[], looks: StackLooks, cluster: string): readonly Way[] {
  return reconcilables.flatMap((one) =>
    clusterOfPool(one.resource) === cluster ? (one.ways?.(looksOf(looks, one)) ?? []) : [],
  );
}

export function looksOf(looks: StackLooks, one: Reconcilable): Looks {
  const own = looks.get(one.name);
  if (own === undefined) throw new PghaError(`${one.name} was not looked at`, { reason: "NotLooked", retry: "soon" });
  return own;
}
