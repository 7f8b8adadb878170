import type { SecretDocument } from "../credentials/secret.ts";
import { NOTHING_RECORDED } from "./store.ts";
import type { OwnStore, RecordedFacts } from "./store.ts";

/** A store that forgets everything with the process. */
export function memoryStore(secrets: readonly SecretDocument[] = []): OwnStore {
  const kept = new Map(secrets.map((secret) => [secret.name, secret]));
  const records = new Map<string, RecordedFacts>();
  return {
    place: "memory",
    readSecrets: () => Promise.resolve(new Map(kept)),
    writeSecret: (secret) => {
      kept.set(secret.name, secret);
      return Promise.resolve();
    },
    readRecord: (kind, name) => Promise.resolve(records.get(`${kind}/${name}`) ?? NOTHING_RECORDED),
    readRecords: () => Promise.resolve(new Map(records)),
    removeRecord: (kind, name) => {
      records.delete(`${kind}/${name}`);
      return Promise.resolve();
    },
    writeRecord: (kind, name, facts) => {
      records.set(`${kind}/${name}`, facts);
      return Promise.resolve();
    },
    deleteSecret: (name) => {
      kept.delete(name);
      return Promise.resolve();
    },
    deleteRecord: (kind, name) => {
      records.delete(`${kind}/${name}`);
      return Promise.resolve();
    },
  };
}
