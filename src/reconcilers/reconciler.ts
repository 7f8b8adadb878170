import type { HAProxyPool, PgBouncerPool, PostgresHACluster, Resource } from "../api/index.ts";
import type { Material } from "../changes/material.ts";
import type { SecretWish } from "../credentials/index.ts";
import type { DesiredArtifact } from "../desired/host.ts";
import type { FactSet, Look } from "../facts/fact.ts";
import type { Plan } from "../plan/plan.ts";
import type { RecordedFacts } from "../state/index.ts";
import type { ResourceStatus } from "../status/status.ts";
import type { ClusterSecrets } from "./secrets.ts";
import type { HostTarget } from "./world.ts";

/** Everything a reconciler may know before it looks: the resources, their secrets, and what was recorded. */
export interface Context {
  readonly clusters: readonly PostgresHACluster[];
  readonly haproxyPools: readonly HAProxyPool[];
  readonly pgbouncerPools: readonly PgBouncerPool[];
  readonly clusterSecrets: ReadonlyMap<PostgresHACluster, ClusterSecrets>;
  /** By `Kind/name`. */
  readonly records: ReadonlyMap<string, RecordedFacts>;
  /** PySyncObj by the sdist a cluster names, "" for the pinned one. */
  readonly pysyncobj: ReadonlyMap<string, DesiredArtifact>;
}

export type Looks = ReadonlyMap<string, Look<never>>;

/**
 * One resource, resolved and desired, ready to be looked at and planned for. Each kind builds one from its
 * resolve, desire, observe, plan and report; the engine needs no more than this of any of them.
 */
export interface Reconcilable {
  readonly resource: Resource;
  /** `Kind/name`. */
  readonly name: string;
  readonly targets: readonly HostTarget[];
  /** What to ask each host, by host name. */
  readonly questions: ReadonlyMap<string, FactSet>;
  readonly material: Material;
  readonly plan: (looks: Looks) => Plan;
  readonly report: (looks: Looks, plan: Plan) => ResourceStatus;
  /** The recorded facts with what this look adds to them. */
  readonly record: (looks: Looks, before: RecordedFacts) => RecordedFacts;
  /** Secrets this resource's steps may write. */
  readonly secretWishes: readonly SecretWish[];
}

/** `Kind/name`, as messages, steps and records call a resource. */
export function nameOf(resource: Resource): string {
  return `${resource.kind}/${resource.metadata.name}`;
}
