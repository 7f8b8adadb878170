import type { Kind } from "../api/index.ts";
import type { Controller } from "../runtime/controller.ts";
import type { Reflector } from "../runtime/reflector.ts";
import type { KubeSecret } from "../state/kube-secrets.ts";
import type { StoredResource } from "../state/live-resource.ts";
import { wakeHAProxyPools } from "./haproxy-pool.ts";
import { wakePgBouncerPools } from "./pgbouncer-pool.ts";
import { wakePostgresHAClusters } from "./postgres-ha-cluster.ts";

/** What is watched. */
export interface Watches {
  readonly resources: Readonly<Record<Kind, Pick<Reflector<StoredResource>, "onChange" | "store">>>;
  readonly secrets: readonly Pick<Reflector<KubeSecret>, "onChange">[];
}

export type Wakeable = Pick<Controller, "wake">;

/** Connects what changes with what has to be looked at because of it; one file a kind says what wakes it. */
export function connectWakes(controllers: Readonly<Record<Kind, Wakeable>>, watches: Watches): void {
  wakePostgresHAClusters(controllers.PostgresHACluster, watches);
  wakeHAProxyPools(controllers.HAProxyPool, watches);
  wakePgBouncerPools(controllers.PgBouncerPool, watches);
}
