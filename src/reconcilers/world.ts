import type { whyHandsOff } from "../api/annotations.ts";
import type { PostgresHACluster } from "../api/index.ts";
import type { ImageSource } from "../artifacts/image-source.ts";
import type { ArtifactSource } from "../artifacts/source.ts";
import type { SecretsByName } from "../credentials/index.ts";
import type { RemoteShell } from "../shell/shell.ts";
import type { KeepLast } from "../keep-last.ts";
import type { StateStore } from "../state/index.ts";
import type { ClusterWord } from "./cluster-word.ts";
import type { Built, Findings } from "./reconciler.ts";
import type { RestartLeave } from "./restart-leave.ts";
import type { SwitchoverLeave } from "./switchover-leave.ts";
import type { HostTarget } from "./targets.ts";

/** Requests for new passwords, by role. They are kept until they are met. */
export interface Rotations {
  readonly asked: (cluster: PostgresHACluster) => readonly string[];
  readonly done: (cluster: PostgresHACluster, role: string) => Promise<void>;
}

/**
 * Where resources' secrets and recorded facts live, and how hosts are reached: the ends that differ between the
 * command line (a state folder) and the operator (Kubernetes). Everything in between is the same.
 */
export interface World {
  readonly store: StateStore;
  /** Secrets of the manifests and of the store together, by name. */
  readonly secrets: () => Promise<SecretsByName>;
  /** A shell per host, kept for the life of the world. The same host asked for twice is the same shell. */
  readonly shellFor: (target: HostTarget) => RemoteShell;
  /** What pgha brings to hosts, fetched once by this side. */
  readonly artifacts: ArtifactSource;
  /** What the files of images hold that resources name. */
  readonly images: ImageSource;
  /** Who holds a host while steps run there: "pgha apply, pid 42 on admin-01". */
  readonly owner: string;
  /** New passwords that a person asked for; left out, none. */
  readonly rotations?: Rotations;
  /** Which members may be restarted; left out, those of a recorded operation alone. */
  readonly restarts?: (cluster: PostgresHACluster) => RestartLeave;
  /** Which switchover may begin; left out, a recorded one alone goes on. */
  readonly switchovers?: (cluster: PostgresHACluster) => SwitchoverLeave;
  /** Whether what clients notice of a cluster need not wait for a maintenance window; left out, it does. */
  readonly outsideWindows?: (cluster: PostgresHACluster) => boolean;
  /** Why a person wants nothing of a resource touched. Left out, whoever takes the steps sees to it. */
  readonly handsOff?: typeof whyHandsOff;
  /**
   * For one who looks at resources one by one: what was last said of a cluster (`Kind/name`) that is not looked at now.
   */
  readonly clusterWord?: (name: string) => ClusterWord | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** For one who asks the same for ever. Left out, everything is worked out anew in each pass. */
  readonly built?: KeepLast<Built>;
  /** The same of what looks mean, for one who asks the same of hosts that say the same. */
  readonly findings?: KeepLast<Findings>;
}
