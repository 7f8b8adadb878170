import { isService, sshOf } from "../api/index.ts";
import type { Resource } from "../api/index.ts";
import type { HostTarget } from "../reconcilers/targets.ts";
import type { OwnStore } from "../state/index.ts";
import { targetSsh } from "./target-ssh.ts";

/** Keeps the host keys that were believed on first use, so that they are required from then on. */
export interface FirstUseRecorder {
  readonly recordedKey: (target: HostTarget) => string | undefined;
  readonly onFirstUse: (target: HostTarget, key: string) => void;
  /** The store, whose records are read only once every key seen so far is in them. */
  readonly store: OwnStore;
  /** Resolves once every key is on disk. */
  readonly settled: () => Promise<void>;
}

export async function firstUseRecorder(store: OwnStore, resources: readonly Resource[]): Promise<FirstUseRecorder> {
  const keys = await recordedKeys(store, resources);
  let writing = Promise.resolve();
  const record = async ({ name, resource }: HostTarget, key: string): Promise<void> => {
    const [kind = "", resourceName = ""] = resource.split("/");
    const before = await store.readRecord(kind, resourceName);
    await store.writeRecord(kind, resourceName, {
      ...before,
      hosts: { ...before.hosts, [name]: { ...before.hosts[name], hostKey: key } },
    });
  };
  return {
    recordedKey: (target) => keys.get(placeOf(target.address, targetSsh(target).port)),
    onFirstUse: (target, key) => {
      keys.set(placeOf(target.address, targetSsh(target).port), key);
      // One after the other: each reads the record, adds to it and writes it back. A failure shows at the next read.
      writing = writing.then(async () => record(target, key));
      writing.catch(() => {});
    },
    store: {
      ...store,
      readRecord: async (kind, name) => {
        await writing;
        return store.readRecord(kind, name);
      },
    },
    settled: async () => writing,
  };
}

/** By address and port: whichever resource saw the host first, its key holds for all of them. */
async function recordedKeys(store: OwnStore, resources: readonly Resource[]): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  for (const { kind, metadata, spec } of resources.filter(isService)) {
    const { hosts } = await store.readRecord(kind, metadata.name);
    for (const host of spec.hosts) {
      const key = hosts[host.name]?.hostKey;
      if (key !== undefined) {
        keys.set(placeOf(host.address, sshOf(spec, host).port), key);
      }
    }
  }
  return keys;
}

function placeOf(address: string, port: number): string {
  return `${address} ${port}`;
}
