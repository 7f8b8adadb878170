import type { Kind } from "../api/index.ts";
import { VERIFIERS_TYPE } from "../credentials/index.ts";
import type { ApiClient } from "../runtime/api-client.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { RuntimeMetrics } from "../runtime/metrics.ts";
import { groupedBy } from "../runtime/grouped.ts";
import { joinReflectors } from "../runtime/joined-reflector.ts";
import { createReflector } from "../runtime/reflector.ts";
import type { Reflector } from "../runtime/reflector.ts";
import { ownersOf, SECRETS } from "../state/kube-secrets.ts";
import type { KubeSecret } from "../state/kube-secrets.ts";
import type { StoredResource } from "../state/live-resource.ts";
import type { KnownResources } from "./resources/known-resources.ts";
import { ofEachKind, RESOURCE_TYPES } from "./resources/resource-types.ts";

export interface OperatorWatches {
  readonly resources: Readonly<Record<Kind, Reflector<StoredResource>>>;
  readonly secrets: readonly Reflector<KubeSecret>[];
  readonly known: KnownResources;
}

export interface WatchesOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** None: all namespaces. */
  readonly namespaces: readonly string[];
}

/**
 * Secrets are watched by type, so that what others keep (service-account tokens, certificates, releases of Helm) never
 * comes here. One of type Opaque works too; it is asked for by name at each visit instead.
 */
const SECRET_TYPES = ["kubernetes.io/basic-auth", "kubernetes.io/ssh-auth", VERIFIERS_TYPE] as const;

export function operatorWatches({ client, clock, log, metrics, namespaces }: WatchesOptions): OperatorWatches {
  const common = { client, clock, log };
  const scopes = namespaces.length === 0 ? [{}] : namespaces.map((namespace) => ({ namespace }));
  const ofKind = (kind: Kind): Reflector<StoredResource> => {
    const type = RESOURCE_TYPES[kind];
    const onEnd = metrics.watchEnded(type.plural);
    return joinReflectors(
      scopes.map((scope) => createReflector<StoredResource>({ ...common, selection: { type, ...scope }, onEnd })),
    );
  };
  const resources = ofEachKind(ofKind);
  const onEnd = metrics.watchEnded(SECRETS.plural);
  const secrets = SECRET_TYPES.map((type) =>
    joinReflectors(
      scopes.map((scope) =>
        createReflector<KubeSecret>({
          ...common,
          selection: { type: SECRETS, fieldSelector: `type=${type}`, ...scope },
          onEnd,
        }),
      ),
    ),
  );
  const stores = ofEachKind((kind) => resources[kind].store);
  return {
    resources,
    secrets,
    known: {
      resources: stores,
      secret: (key) => secrets.map((reflector) => reflector.store.get(key)).find((found) => found !== undefined),
      secretsIn: (namespace) =>
        secrets
          .flatMap((reflector) => reflector.store.list())
          .filter(({ metadata }) => metadata.namespace === namespace),
      secretsOwnedBy: (cluster) => secrets.flatMap((reflector) => byOwner(reflector.store).get(cluster) ?? []),
    },
  };
}

const byOwner = groupedBy((secret: KubeSecret) =>
  ownersOf(secret)
    .slice(0, 1)
    .map((owner) => `${secret.metadata.namespace ?? ""}/${owner}`),
);
