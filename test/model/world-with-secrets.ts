import type { SecretDocument } from "../../src/credentials/index.ts";
import type { StateStore } from "../../src/state/index.ts";
import { memoryStore } from "../../src/state/memory-store.ts";
import type { ModelWorld } from "./model-world.ts";

/**
 * A copy of a world with a store of its own, whose Secrets are as `change` leaves them; undefined: it is gone. `rotate`
 * names the roles for which a new password is asked until it is made.
 */
export async function worldWithSecrets(
  pristine: ModelWorld,
  change: (secret: SecretDocument) => SecretDocument | undefined,
  rotate: readonly string[] = [],
): Promise<{ readonly model: ModelWorld; readonly store: StateStore }> {
  const secrets = [...(await pristine.world.store.readSecrets()).values()];
  const store = memoryStore(secrets.flatMap((secret) => change(secret) ?? []));
  for (const [kind, name] of [
    ["PostgresHACluster", "keybuzz-pg"],
    ["HAProxyPool", "keybuzz-haproxy"],
    ["PgBouncerPool", "keybuzz-pgbouncer"],
  ] as const)
    await store.writeRecord(kind, name, await pristine.world.store.readRecord(kind, name));
  const open = new Set(rotate);
  const rotations = { asked: () => [...open], done: async (_: unknown, role: string) => void open.delete(role) };
  const ofStore = { ...pristine.world, store, rotations, secrets: () => store.readSecrets() };
  return { model: Object.assign(pristine.copy(), { world: ofStore }), store };
}
