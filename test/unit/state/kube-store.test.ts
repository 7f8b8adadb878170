import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSecret } from "../../../src/credentials/index.ts";
import { PghaError } from "../../../src/errors.ts";
import { kubeStore } from "../../../src/state/kube-store.ts";
import { liveResource, StaleResourceError } from "../../../src/state/live-resource.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { RESOURCE_TYPES } from "../../../src/operator/resources/resource-types.ts";
import { fakeKube } from "../operator/fake-kube.ts";

const TYPE = RESOURCE_TYPES.PostgresHACluster;
const PATH = "/apis/pgha.keybuzz.io/v1alpha1/namespaces/db/postgreshaclusters/pg";
const OWNER = { apiVersion: "pgha.keybuzz.io/v1alpha1", kind: "PostgresHACluster", name: "pg", uid: "u1" };
const WISH = { name: "pg-superuser", cluster: "pg", purpose: "superuser", title: "superuser postgres", username: "postgres", verifier: true } as const;

async function world() {
  const kube = fakeKube();
  kube.objects.set(PATH, { metadata: { name: "pg", namespace: "db", uid: "u1", resourceVersion: "1" }, spec: {}, status: { phase: "Pending", hosts: [{ name: "a", state: "Reachable" }] } } as never);
  const read = (await kube.client.request({ method: "GET", path: PATH })) as StoredResource;
  const live = liveResource(kube.client, TYPE, read);
  const store = kubeStore({ client: kube.client, namespace: "db", resources: new Map([["PostgresHACluster/pg", live]]), secretNames: ["pg-superuser"], watched: () => undefined, owner: OWNER });
  return { ...kube, live, store, read };
}

describe("records", () => {
  it("are on the API server when writing resolves, beside what the status reports", async () => {
    const { store, objects } = await world();
    const facts = { systemId: "7", hosts: { a: { machineId: "m" } }, bootstrapIntent: { startedAt: "2026-01-01T00:00:00Z", members: ["a"] } };
    await store.writeRecord("PostgresHACluster", "pg", facts);
    assert.deepEqual(objects.get(PATH)?.["status"], { phase: "Pending", systemId: "7", bootstrapIntent: facts.bootstrapIntent, hosts: [{ name: "a", state: "Reachable", machineId: "m" }] });
    assert.deepEqual(await store.readRecord("PostgresHACluster", "pg"), facts);
  });

  it("a record made from an old state is refused, so that an intent is never written over another's", async () => {
    const { store, client, read } = await world();
    await client.request({ method: "PUT", path: `${PATH}/status`, body: { ...read, status: { systemId: "9" } } });
    await assert.rejects(store.writeRecord("PostgresHACluster", "pg", { hosts: {} , systemId: "7" }), (error) => error instanceof PghaError && error.retry === "soon");
  });

  it("what a plan was made from is asked of the API server before the plan is acted on", async () => {
    const { live, client, read } = await world();
    await live.demandCurrent();
    await client.request({ method: "PUT", path: `${PATH}/status`, body: { ...read, status: {} } });
    await assert.rejects(liveResource(client, TYPE, read).demandCurrent(), StaleResourceError);
  });

  it("a status that is there already is not sent", async () => {
    const { live, requests } = await world();
    const before = requests.length;
    assert.equal(await live.writeStatus(live.current().status ?? {}), "unchanged");
    assert.equal(requests.length, before);
  });
});

describe("Secrets", () => {
  it("are made with their cluster as owner", async () => {
    const { store, objects } = await world();
    await store.writeSecret(createSecret(WISH));
    const made = objects.get("/api/v1/namespaces/db/secrets/pg-superuser") as { metadata: { ownerReferences: unknown; labels: unknown }; type: string } | undefined;
    assert.deepEqual(made?.metadata.ownerReferences, [OWNER]);
    assert.equal(made?.type, "kubernetes.io/basic-auth");
    assert.deepEqual([...(await store.readSecrets()).keys()], ["pg-superuser"]);
  });

  it("that somebody made in the meantime are not written over", async () => {
    const { store, objects } = await world();
    await store.readSecrets();
    objects.set("/api/v1/namespaces/db/secrets/pg-superuser", { metadata: { name: "pg-superuser", resourceVersion: "5" }, data: { password: "eA==" } });
    await assert.rejects(store.writeSecret(createSecret(WISH)), (error) => error instanceof PghaError && error.reason === "SecretExists");
    assert.deepEqual(objects.get("/api/v1/namespaces/db/secrets/pg-superuser")?.["data"], { password: "eA==" });
  });

  it("that a person made get the keys they lack, and keep those they have", async () => {
    const { store, objects } = await world();
    const password = Buffer.from("of a person's own").toString("base64");
    objects.set("/api/v1/namespaces/db/secrets/pg-superuser", { metadata: { name: "pg-superuser", namespace: "db", resourceVersion: "5" }, type: "kubernetes.io/basic-auth", data: { password } });
    const [existing] = (await store.readSecrets()).values();
    assert.ok(existing);
    const other = createSecret(WISH);
    await store.writeSecret({ ...other, data: { ...other.data } });
    const data = objects.get("/api/v1/namespaces/db/secrets/pg-superuser")?.["data"] as Record<string, string>;
    assert.equal(data["password"], password);
    assert.equal(data["username"], Buffer.from("postgres").toString("base64"));
  });
});
