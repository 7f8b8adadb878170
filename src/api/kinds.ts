import { clusterStatus } from "./cluster-status.ts";
import { haproxySpec, haproxyStatus } from "./haproxy-pool.ts";
import { baselineSpec, baselineStatus } from "./host-baseline.ts";
import { pgbouncerSpec, pgbouncerStatus } from "./pgbouncer-pool.ts";
import { clusterSpec } from "./postgres-ha-cluster.ts";
import type { Defaulted, Written } from "./schema.ts";

export const GROUP = "pgha.keybuzz.io";
export const VERSION = "v1alpha1";
export const API_VERSION = `${GROUP}/${VERSION}` as const;

/** A kind that runs a service on hosts that it lists. */
export type ServiceKind = "PostgresHACluster" | "HAProxyPool" | "PgBouncerPool";
export type Kind = ServiceKind | "HostBaseline";

export const SPEC_SCHEMAS = {
  PostgresHACluster: clusterSpec,
  HAProxyPool: haproxySpec,
  PgBouncerPool: pgbouncerSpec,
  HostBaseline: baselineSpec,
} as const;
export const STATUS_SCHEMAS = {
  PostgresHACluster: clusterStatus,
  HAProxyPool: haproxyStatus,
  PgBouncerPool: pgbouncerStatus,
  HostBaseline: baselineStatus,
} as const;

/**
 * What pgha reads of metadata. The API server fills in the rest; a file has name and perhaps labels and annotations.
 */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly uid?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
}

interface ResourceOf<K extends Kind, Spec, Status> {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: K;
  readonly metadata: Metadata;
  readonly spec: Spec;
  readonly status?: Status;
}

export type ClusterSpec = Defaulted<typeof clusterSpec>;
export type HAProxySpec = Defaulted<typeof haproxySpec>;
export type PgBouncerSpec = Defaulted<typeof pgbouncerSpec>;
export type BaselineSpec = Defaulted<typeof baselineSpec>;
export type ClusterStatus = Written<typeof clusterStatus>;
export type HAProxyStatus = Written<typeof haproxyStatus>;
export type PgBouncerStatus = Written<typeof pgbouncerStatus>;
export type BaselineStatus = Written<typeof baselineStatus>;

/** A resource after defaults, as the rest of the code sees it. */
export interface PostgresHACluster extends ResourceOf<"PostgresHACluster", ClusterSpec, ClusterStatus> {}
export interface HAProxyPool extends ResourceOf<"HAProxyPool", HAProxySpec, HAProxyStatus> {}
export interface PgBouncerPool extends ResourceOf<"PgBouncerPool", PgBouncerSpec, PgBouncerStatus> {}
export interface HostBaseline extends ResourceOf<"HostBaseline", BaselineSpec, BaselineStatus> {
  /** The hosts that it covers; undefined until it is put together with its targets, see places.ts. */
  readonly places?: readonly Place[];
}
export type ServiceResource = PostgresHACluster | HAProxyPool | PgBouncerPool;
export type Resource = ServiceResource | HostBaseline;

/** A host, with the resource that lists it and says how it is reached. */
export interface Place {
  readonly host: PoolHost | MemberHost;
  readonly of: ServiceResource;
}

/** A resource as a person may write it: what has a default may be left out. */
export interface WrittenPostgresHACluster extends ResourceOf<
  "PostgresHACluster",
  Written<typeof clusterSpec>,
  ClusterStatus
> {}
export interface WrittenHAProxyPool extends ResourceOf<"HAProxyPool", Written<typeof haproxySpec>, HAProxyStatus> {}
export interface WrittenPgBouncerPool extends ResourceOf<
  "PgBouncerPool",
  Written<typeof pgbouncerSpec>,
  PgBouncerStatus
> {}
export interface WrittenHostBaseline extends ResourceOf<"HostBaseline", Written<typeof baselineSpec>, BaselineStatus> {}
export type WrittenResource =
  | WrittenPostgresHACluster
  | WrittenHAProxyPool
  | WrittenPgBouncerPool
  | WrittenHostBaseline;

export type SshSpec = ClusterSpec["ssh"];
export type Bastion = NonNullable<SshSpec["bastion"]>;
export type MemberHost = ClusterSpec["hosts"][number];
/** A host of any kind of resource; members carry failoverPriority as well. */
export type PoolHost = HAProxySpec["hosts"][number];
export type RoleSpec = ClusterSpec["roles"][number];
export type DatabaseSpec = ClusterSpec["databases"][number];
export type Condition = NonNullable<ClusterStatus["conditions"]>[number];
export type MemberStatus = NonNullable<ClusterStatus["members"]>[number];
export type HostStatus = NonNullable<ClusterStatus["hosts"]>[number];
