import { ENDPOINT_KEYS, isRenewable, madeFor, writtenSecret } from "../credentials/index.ts";
import type { SecretDocument } from "../credentials/index.ts";
import { PghaError } from "../errors.ts";
import type { ApiClient } from "../runtime/api-client.ts";
import { isConflict } from "../runtime/api-error.ts";
import { collectionPath, objectPath } from "../runtime/kube-object.ts";
import { recordOf, withRecord } from "./kube-record.ts";
import { decodeKubeSecret, readKubeSecrets, SECRETS } from "./kube-secrets.ts";
import type { KubeSecret } from "./kube-secrets.ts";
import type { LiveResource } from "./live-resource.ts";
import { NOTHING_RECORDED } from "./store.ts";
import type { RecordedFacts, StateStore } from "./store.ts";

export interface KubeStoreOptions {
  readonly client: ApiClient;
  readonly namespace: string;
  /** The resources of a stack by `Kind/name`; facts about them are kept in their status. */
  readonly resources: ReadonlyMap<string, LiveResource>;
  /** Names of the Secrets that matter to them. No other is ever asked for. */
  readonly secretNames: Iterable<string>;
  readonly watched: (key: string) => KubeSecret | undefined;
}

/**
 * The state of one stack in Kubernetes, for one visit. Secrets are read once, and again after a write. A Secret that
 * exists is never changed, but for keys that it lacks, for those that a write names, and for where to log in if it was
 * made here.
 */
export function kubeStore(options: KubeStoreOptions): StateStore {
  const { client, namespace, resources } = options;
  const names = [...options.secretNames];
  let reading: Promise<ReadonlyMap<string, KubeSecret>> | undefined;
  const read = (): Promise<ReadonlyMap<string, KubeSecret>> =>
    (reading ??= readKubeSecrets(client, namespace, names, options.watched));

  const create = async (secret: SecretDocument): Promise<void> => {
    const { metadata, ...body } = writtenSecret({ ...secret, namespace });
    const labels = { ...metadata.labels, "app.kubernetes.io/managed-by": "pgha" };
    try {
      await client.request({
        method: "POST",
        path: collectionPath(SECRETS, namespace),
        body: { ...body, metadata: { ...metadata, labels } },
      });
    } catch (error) {
      if (!isConflict(error)) throw error;
      throw new PghaError(`the Secret ${secret.name} exists by now`, {
        reason: "SecretExists",
        retry: "soon",
        cause: error,
      });
    }
  };

  const complete = async (existing: KubeSecret, secret: SecretDocument, replaces: readonly string[]): Promise<void> => {
    const written = writtenSecret(secret).data ?? {};
    const { resourceVersion, labels = {} } = existing.metadata;
    const renewed = [...replaces, ...(isRenewable({ ...existing, labels }, madeFor(secret)) ? ENDPOINT_KEYS : [])];
    const data = Object.fromEntries(
      Object.entries(written).filter(
        ([key, value]) => existing.data?.[key] === undefined || (renewed.includes(key) && existing.data[key] !== value),
      ),
    );
    if (Object.keys(data).length === 0) return;
    await client.request({
      method: "PATCH",
      path: objectPath(SECRETS, `${namespace}/${secret.name}`),
      body: { metadata: { resourceVersion }, data },
    });
  };

  return {
    place: `namespace ${namespace}`,
    async readSecrets() {
      return new Map([...(await read())].map(([name, secret]) => [name, decodeKubeSecret(secret)]));
    },
    async writeSecret(secret, replaces = []) {
      const existing = (await read()).get(secret.name);
      reading = undefined;
      if (existing === undefined) await create(secret);
      else await complete(existing, secret, replaces);
    },
    readRecord(kind, name) {
      const resource = resources.get(`${kind}/${name}`);
      return Promise.resolve(resource === undefined ? NOTHING_RECORDED : recordOf(resource.current().status));
    },
    async writeRecord(kind: string, name: string, facts: RecordedFacts) {
      const resource = resources.get(`${kind}/${name}`);
      if (resource === undefined) throw new TypeError(`${kind}/${name} is not a resource of this stack`);
      await resource.writeStatus(withRecord(resource.current().status, facts));
    },
  };
}
