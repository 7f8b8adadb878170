import type { HostTarget } from "../../reconcilers/targets.ts";
import type { RecordedFacts } from "../../state/store.ts";

/**
 * Keys of hosts that were believed on first use, until they are recorded. A connection may outlive the visit that made
 * it.
 */
export interface FirstUseKeys {
  seen(namespace: string, target: HostTarget, key: string): void;
  /** The facts with the keys that were seen for this resource (`Kind/name`). A recorded key is never replaced. */
  addTo(namespace: string, resource: string, facts: RecordedFacts): RecordedFacts;
  forget(namespace: string, resource: string): void;
}

export function firstUseKeys(): FirstUseKeys {
  const byResource = new Map<string, Map<string, string>>();
  return {
    seen(namespace, { resource, name }, key) {
      const keys = byResource.get(`${namespace}/${resource}`) ?? new Map<string, string>();
      byResource.set(`${namespace}/${resource}`, keys.set(name, key));
    },
    addTo(namespace, resource, facts) {
      const keys = byResource.get(`${namespace}/${resource}`);
      if (keys === undefined) return facts;
      const added = [...keys].map(([host, hostKey]) => [host, { hostKey, ...facts.hosts[host] }] as const);
      return { ...facts, hosts: { ...facts.hosts, ...Object.fromEntries(added) } };
    },
    forget: (namespace, resource) => void byResource.delete(`${namespace}/${resource}`),
  };
}
