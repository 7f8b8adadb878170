import type { PostgresHACluster, Resource } from "../api/index.ts";
import type { Material } from "../changes/material.ts";
import type { SecretDocument, SecretsByName, SecretWish } from "../credentials/index.ts";
import type { DesiredArtifact } from "../desired/host.ts";
import type { ImageArchive } from "../desired/image.ts";
import type { FactSet, Look } from "../facts/fact.ts";
import type { Way } from "../plan/operations/switchover.ts";
import type { Blocker, Plan } from "../plan/plan.ts";
import type { RecordedFacts } from "../state/index.ts";
import type { ResourceStatus } from "../status/status.ts";
import type { ClusterWord } from "./cluster-word.ts";
import type { FormerPool } from "./former-pools.ts";
import type { ClusterSecrets } from "./secrets.ts";
import type { Stack } from "./stack.ts";
import type { HostTarget } from "./targets.ts";
import type { RestartLeave } from "./restart-leave.ts";
import type { SwitchoverLeave } from "./switchover-leave.ts";

/** Everything a reconciler may know before it looks: the resources, their secrets, and what was recorded. */
export interface Context extends Stack {
  readonly clusterSecrets: ReadonlyMap<PostgresHACluster, ClusterSecrets>;
  /** By `Kind/name`. */
  readonly records: ReadonlyMap<string, RecordedFacts>;
  /** Pools of these clusters that were set up and are in no manifest any more. */
  readonly formerPools: readonly FormerPool[];
  /** What pgha brings to hosts, by `artifactKey`. */
  readonly artifacts: ReadonlyMap<string, DesiredArtifact>;
  /** What the files of images hold that resources name, by `Kind/name`. */
  readonly images: ReadonlyMap<string, ImageArchive>;
  readonly secrets: SecretsByName;
  readonly restarts: ReadonlyMap<PostgresHACluster, RestartLeave>;
  readonly switchovers: ReadonlyMap<PostgresHACluster, SwitchoverLeave>;
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
  readonly plan: (looks: Looks, others?: OthersWord) => Plan;
  readonly report: (looks: Looks, plan: Plan, others?: OthersWord) => ResourceStatus;
  /** Of proxies: the members that they send writes to now; undefined while none answers. */
  readonly writesGoTo?: (looks: Looks) => ReadonlySet<string> | undefined;
  /** Of proxies and poolers: each of them, as a switchover goes by it. */
  readonly ways?: (looks: Looks) => readonly Way[];
  /** The recorded facts with what this look adds to them. */
  readonly record: (looks: Looks, before: RecordedFacts) => RecordedFacts;
  /** Secrets to be written as they are here, since a look says so, or since it changes nothing for anybody. */
  readonly keep?: (looks: Looks) => SecretsToKeep;
  /**
   * Hosts that were set up and left the list. `inUse` says what counts on one still, so that it may not be forgotten.
   */
  readonly left: (looks: Looks) => readonly { readonly name: string; readonly inUse: string | undefined }[];
  /** Secrets this resource's steps may write. */
  readonly secretWishes: readonly SecretWish[];
}

/** What the other resources of a stack know, so that no two of them say something else. */
export interface OthersWord {
  /** Of the cluster that a pool serves. */
  readonly cluster?: ClusterWord | undefined;
  /** Of the proxies in front of a cluster: the members that writes go to now. */
  readonly writesGoTo?: ReadonlySet<string> | undefined;
  /** The proxies and poolers that lead to a cluster. */
  readonly ways?: readonly Way[];
}

export interface SecretsToKeep {
  /** Secrets given back what they lost, with how each looked before; undefined if that cannot be told apart. */
  readonly restored: readonly {
    readonly secret: SecretDocument;
    readonly username: string;
    readonly look: string | undefined;
  }[];
  /**
   * pgha's own, with the keys in it that may be others than before: written even while a person asked for nothing to be
   * touched. Undefined when there is nothing new. `filled` are those of `restored` that were written.
   */
  readonly own: (
    filled: ReadonlyMap<string, string>,
  ) => { readonly secret: SecretDocument; readonly replaces: readonly string[] } | undefined;
}

/** What can be said before any host is asked: a function of the manifest, the Secrets and the records. */
export interface Built {
  /** Resources that can be looked at. */
  readonly reconcilables: readonly Reconcilable[];
  /** What keeps the others from it. */
  readonly blockers: readonly Blocker[];
  readonly targets: ReadonlyMap<string, HostTarget>;
  /** By host name, of all resources there together. */
  readonly questions: ReadonlyMap<string, FactSet>;
}

/** What looks mean, and what would be done about it. */
export interface Findings {
  readonly plan: Plan;
  /** The same by resource (`Kind/name`), as each would have it alone. */
  readonly plans: ReadonlyMap<string, Plan>;
  /** By `Kind/name`, in the order of the stack. */
  readonly statuses: ReadonlyMap<string, ResourceStatus>;
}
