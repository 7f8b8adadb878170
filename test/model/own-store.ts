import { keepLast } from "../../src/keep-last.ts";
import { memoryStore } from "../../src/state/memory-store.ts";
import type { ModelWorld } from "./model-world.ts";

/** The same world with secrets and records of its own. */
export async function withOwnStore(other: ModelWorld): Promise<ModelWorld> {
  const { store } = other.world;
  const own = memoryStore([...(await store.readSecrets()).values()]);
  for (const [name, facts] of (await store.readRecords?.()) ?? []) {
    const [kind = "", resource = ""] = name.split("/");
    await own.writeRecord(kind as "PostgresHACluster", resource, facts);
  }
  const model = other.copy();
  const world = {
    ...other.world,
    store: own,
    secrets: () => own.readSecrets(),
    now: () => model.clock,
    built: keepLast<never>(),
  };
  return Object.assign(model, { world });
}
