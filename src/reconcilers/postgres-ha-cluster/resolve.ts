import type { HAProxyPool, PgBouncerPool, PostgresHACluster } from "../../api/index.ts";
import { artifactKey } from "../../artifacts/names.ts";
import type { Credentials, SecretWish } from "../../credentials/index.ts";
import type { Blocker, Step, Warning } from "../../plan/plan.ts";
import { NOTHING_RECORDED } from "../../state/index.ts";
import type { RecordedFacts } from "../../state/index.ts";
import { wantedGround } from "../container.ts";
import type { WantedGround } from "../container.ts";
import { dcsKindOf } from "../dcs.ts";
import type { Dcs } from "../dcs/dcs.ts";
import type { FormerPool } from "../former-pools.ts";
import { hostsInUse } from "../left-hosts.ts";
import type { Context } from "../reconciler.ts";
import type { ClusterSecrets } from "../secrets.ts";
import { nameOf } from "../stack.ts";
import type { RestartLeave } from "../restart-leave.ts";
import { withPreference } from "../switchover-leave.ts";
import type { SwitchoverLeave } from "../switchover-leave.ts";

/** A cluster with all that its spec only refers to. */
export interface ResolvedCluster {
  readonly cluster: PostgresHACluster;
  /** `PostgresHACluster/name`. */
  readonly name: string;
  readonly credentials: Credentials;
  readonly secretSteps: readonly Step[];
  readonly secretBlockers: readonly Blocker[];
  readonly secretWishes: readonly SecretWish[];
  readonly secrets: Omit<ClusterSecrets, "credentials">;
  readonly warnings: readonly Warning[];
  /** Addresses of the hosts that proxy to this cluster: pg_hba admits them. */
  readonly proxyAddresses: readonly string[];
  /** Those of them that are on the lists of the pools. */
  readonly listedProxies: readonly string[];
  /** Its pools that are in no manifest any more: they serve as before until a person says what is to become of them. */
  readonly formerPools: readonly FormerPool[];
  readonly recorded: RecordedFacts;
  readonly restarts: RestartLeave | undefined;
  readonly switchover: SwitchoverLeave;
  readonly dcs: Dcs;
  /** What its Patroni is to run on. */
  readonly ground: WantedGround;
}

interface Addressed {
  readonly address: string;
}

/** Undefined when the cluster's Secrets cannot be used: `blockers` say why. */
export function resolveCluster(
  cluster: PostgresHACluster,
  context: Context,
): { readonly resolved?: ResolvedCluster; readonly blockers: readonly Blocker[] } {
  const name = `PostgresHACluster/${cluster.metadata.name}`;
  const isOurs = (pool: { readonly spec: { readonly clusterRef: { readonly name: string } } }): boolean =>
    pool.spec.clusterRef.name === cluster.metadata.name;
  const pools = [...context.haproxyPools, ...context.pgbouncerPools].filter(isOurs);
  const addressesOf = (hosts: (pool: HAProxyPool | PgBouncerPool) => readonly Addressed[]): readonly string[] => [
    ...new Set(pools.flatMap((pool) => hosts(pool).map(({ address }) => address))),
  ];
  const secrets = context.clusterSecrets.get(cluster);
  if (secrets?.credentials === undefined) return { blockers: secrets?.blockers ?? [] };
  const formerPools = context.formerPools.filter((pool) => pool.cluster === cluster.metadata.name);
  const dcs = dcsKindOf(cluster).of(cluster, {
    credentials: secrets.credentials,
    artifact: (asked) => context.artifacts.get(artifactKey(asked)),
  });
  return {
    blockers: secrets.blockers,
    resolved: {
      cluster,
      name,
      credentials: secrets.credentials,
      secretSteps: secrets.steps,
      secretBlockers: secrets.blockers,
      secretWishes: secrets.wishes,
      secrets,
      warnings: [...secrets.warnings, ...dcs.warnings.map((warning) => ({ resource: name, ...warning }))],
      proxyAddresses: [
        ...new Set([
          ...addressesOf((pool) => hostsInUse(pool, context.records.get(nameOf(pool)) ?? NOTHING_RECORDED)),
          ...formerPools.flatMap(({ hosts }) => hosts.map(({ address }) => address)),
        ]),
      ],
      listedProxies: addressesOf((pool) => pool.spec.hosts),
      formerPools,
      recorded: context.records.get(name) ?? NOTHING_RECORDED,
      restarts: context.restarts.get(cluster),
      switchover: withPreference(
        context.switchovers.get(cluster) ?? {},
        context.records.get(name)?.switchover,
        cluster.spec.patroni.preferredLeader,
      ),
      dcs,
      ground: wantedGround(cluster, context),
    },
  };
}
