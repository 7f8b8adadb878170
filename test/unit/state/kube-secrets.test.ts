import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteSecrets, disownSecrets, markSecrets } from "../../../src/state/kube-secrets.ts";
import type { KubeSecret } from "../../../src/state/kube-secrets.ts";
import { fakeKube } from "../operator/fake-kube.ts";

const SYSTEM_ID = "pgha.keybuzz.io/system-id";
const LABELS = { "app.kubernetes.io/managed-by": "pgha", "pgha.keybuzz.io/cluster": "pg" };
const owner = (kind: string, name: string, apiVersion = "pgha.keybuzz.io/v1alpha1") => ({
  apiVersion,
  kind,
  name,
  uid: `uid of ${name}`,
});

function world(more: Readonly<Record<string, Partial<KubeSecret["metadata"]>>>) {
  const kube = fakeKube();
  for (const [name, metadata] of Object.entries(more)) {
    const secret = { metadata: { name, namespace: "db", uid: `uid-${name}`, resourceVersion: "1", ...metadata } };
    kube.objects.set(`/api/v1/namespaces/db/secrets/${name}`, secret);
  }
  const secrets = (): readonly KubeSecret[] => [...kube.objects.values()] as unknown as readonly KubeSecret[];
  return { ...kube, secrets };
}

test("a cluster is taken off the Secrets it owns, under whatever uid, and every other owner stays", async () => {
  const { client, secrets, requests } = world({
    old: { ownerReferences: [owner("PostgresHACluster", "pg")] },
    shared: {
      ownerReferences: [owner("PostgresHACluster", "pg"), owner("ExternalSecret", "pg", "external-secrets.io/v1")],
    },
    neighbour: { ownerReferences: [owner("PostgresHACluster", "other")] },
    free: {},
  });
  assert.deepEqual(await disownSecrets(client, secrets(), "pg"), ["old", "shared"]);
  assert.deepEqual(
    secrets().map(({ metadata }) => (metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind}/${name}`)),
    [[], ["ExternalSecret/pg"], ["PostgresHACluster/other"], []],
  );
  const sent = requests.length;
  assert.deepEqual(await disownSecrets(client, secrets(), "pg"), []);
  assert.equal(requests.length, sent);
});

test("Secrets that pgha made say whose data they open, once", async () => {
  const { client, secrets } = world({ made: { labels: LABELS }, theirs: {} });
  await markSecrets(client, secrets(), "pg", "7");
  await markSecrets(client, secrets(), "pg", "8");
  assert.deepEqual(
    secrets().map(({ metadata }) => metadata.annotations?.[SYSTEM_ID]),
    ["7", undefined],
  );
});

test("with the data go the Secrets that were made for it, and no other", async () => {
  const { client, secrets } = world({
    marked: { labels: LABELS, annotations: { [SYSTEM_ID]: "7" } },
    unmarked: { labels: LABELS },
    earlier: { labels: LABELS, annotations: { [SYSTEM_ID]: "6" } },
    theirs: {},
    helms: { labels: { ...LABELS, "app.kubernetes.io/managed-by": "Helm" } },
    neighbours: { labels: { ...LABELS, "pgha.keybuzz.io/cluster": "other" } },
  });
  assert.deepEqual(await deleteSecrets(client, secrets(), "pg", "7"), ["marked", "unmarked"]);
  assert.deepEqual(
    secrets().map(({ metadata }) => metadata.name),
    ["earlier", "theirs", "helms", "neighbours"],
  );
});
