import { haproxyPoolOf } from "../../api/index.ts";
import type { HAProxyPool, PgBouncerPool, PostgresHACluster, ServiceResource } from "../../api/index.ts";
import type { Credentials } from "../../credentials/index.ts";
import type { Blocker, Warning } from "../../plan/plan.ts";
import { NOTHING_RECORDED } from "../../state/index.ts";
import type { RecordedFacts } from "../../state/index.ts";
import { clusterOf } from "../cluster-of.ts";
import { poolUsers } from "../pool-users.ts";
import type { PoolUsers } from "../pool-users.ts";
import { wantedGround } from "../container.ts";
import type { WantedGround } from "../container.ts";
import { hostsInUse } from "../left-hosts.ts";
import type { Context } from "../reconciler.ts";
import { nameOf } from "../stack.ts";

/** A pool with the cluster it serves and the HAProxyPool it goes through. */
export interface ResolvedPgBouncer {
  readonly pool: PgBouncerPool;
  readonly ground: WantedGround;
  /** `PgBouncerPool/name`. */
  readonly name: string;
  readonly cluster: PostgresHACluster;
  readonly credentials: Credentials;
  readonly users: PoolUsers;
  readonly haproxy: HAProxyPool;
  /** Hosts of it, with those that left its list and are not forgotten. */
  readonly proxies: ReturnType<typeof hostsInUse>;
  readonly recorded: RecordedFacts;
  readonly warnings: readonly Warning[];
}

export function resolvePgBouncerPool(
  pool: PgBouncerPool,
  context: Context,
): { readonly resolved?: ResolvedPgBouncer; readonly blockers: readonly Blocker[] } {
  const name = `PgBouncerPool/${pool.metadata.name}`;
  const { found, blockers } = clusterOf(name, pool, context);
  if (found === undefined) return { blockers };
  const haproxy = haproxyPoolOf(pool, context.haproxyPools);
  if (haproxy === undefined) {
    return {
      blockers: [
        ...blockers,
        {
          resource: name,
          reason: "HAProxyPoolNotFound",
          why: "no HAProxyPool of the same cluster runs on its hosts, or more than one does",
          wayOut: "Create it, or name one with spec.haproxyPoolRef.",
          scope: "everything",
        },
      ],
    };
  }
  const recordOf = (resource: ServiceResource) => context.records.get(nameOf(resource)) ?? NOTHING_RECORDED;
  return {
    blockers,
    resolved: {
      pool,
      ground: wantedGround(pool, context),
      name,
      cluster: found.cluster,
      credentials: found.credentials,
      users: poolUsers(found.cluster, found.credentials, found.secrets),
      haproxy,
      proxies: hostsInUse(haproxy, recordOf(haproxy)),
      recorded: recordOf(pool),
      warnings: [],
    },
  };
}

/** Where a pooler finds HAProxy: the one on its own host over loopback, else all of the pool's hosts (F64). */
export function upstreamOf(
  { haproxy, proxies }: ResolvedPgBouncer,
  address: string,
): { readonly addresses: readonly string[]; readonly writePort: number; readonly readPort: number } {
  const { ports } = haproxy.spec;
  const isLocal = proxies.some((host) => host.address === address);
  return {
    addresses: isLocal ? ["127.0.0.1"] : proxies.map((host) => host.address),
    writePort: ports.write,
    readPort: ports.read,
  };
}
