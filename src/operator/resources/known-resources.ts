import type { Kind } from "../../api/index.ts";
import { groupedBy } from "../../runtime/grouped.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import type { ObjectStore } from "../../runtime/object-store.ts";
import type { KubeSecret } from "../../state/kube-secrets.ts";
import type { StoredResource } from "../../state/live-resource.ts";

/** Everything that is watched, as last heard. */
export interface KnownResources {
  readonly resources: Readonly<Record<Kind, Pick<ObjectStore<StoredResource>, "get" | "list">>>;
  /** By `namespace/name`. */
  readonly secret: (key: string) => KubeSecret | undefined;
  readonly secretsIn: (namespace: string) => readonly KubeSecret[];
  /** Those that still have a cluster (by `namespace/name`) for their owner, as an earlier version left them. */
  readonly secretsOwnedBy: (cluster: string) => readonly KubeSecret[];
}

/** All resources of a kind in one namespace. */
export function inNamespace(known: KnownResources, kind: Kind, namespace: string): readonly StoredResource[] {
  return byNamespace(known.resources[kind]).get(namespace) ?? [];
}

const byNamespace = groupedBy(({ metadata }: StoredResource) => [metadata.namespace ?? ""]);

/** `Kind/name`, as the engine calls a resource within its namespace. */
export function nameOfStored({ kind, metadata }: StoredResource): string {
  return `${kind ?? ""}/${metadata.name}`;
}

/** `Kind/namespace/name`, unique in the whole cluster. */
export function identityOf(stored: StoredResource): string {
  return `${stored.kind ?? ""}/${keyOf(stored)}`;
}
