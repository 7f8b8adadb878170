import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { completeSecret, createSecret, sensitive, writtenSecret } from "../../../src/credentials/index.ts";
import { PghaError } from "../../../src/errors.ts";
import { kubeStore } from "../../../src/state/kube-store.ts";
import { liveResource, StaleResourceError } from "../../../src/state/live-resource.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { RESOURCE_TYPES } from "../../../src/operator/resources/resource-types.ts";
import { fakeKube } from "../operator/fake-kube.ts";

const TYPE = RESOURCE_TYPES.PostgresHACluster;
const PATH = "/apis/pgha.keybuzz.io/v1alpha1/namespaces/db/postgreshaclusters/pg";
const WISH = {
  name: "pg-superuser",
  cluster: "pg",
  purpose: "superuser",
  title: "superuser postgres",
  username: "postgres",
  verifier: true,
} as const;

async function world() {
  const kube = fakeKube();
  kube.objects.set(PATH, {
    metadata: { name: "pg", namespace: "db", uid: "u1", resourceVersion: "1" },
    spec: {},
    status: { phase: "Pending", hosts: [{ name: "a", state: "Reachable" }] },
  } as never);
  const read = (await kube.client.request({ method: "GET", path: PATH })) as StoredResource;
  const live = liveResource(kube.client, TYPE, read);
  const store = kubeStore({
    client: kube.client,
    namespace: "db",
    resources: new Map([["PostgresHACluster/pg", live]]),
    secretNames: ["pg-superuser"],
    watched: () => undefined,
  });
  return { ...kube, live, store, read };
}

describe("records", () => {
  it("are on the API server when writing resolves, beside what the status reports", async () => {
    const { store, objects } = await world();
    const facts = {
      systemId: "7",
      hosts: { a: { machineId: "m" } },
      bootstrapIntent: { startedAt: "2026-01-01T00:00:00Z", members: ["a"] },
      names: { "a.lan": ["10.0.0.1"] },
    };
    await store.writeRecord("PostgresHACluster", "pg", facts);
    assert.deepEqual(objects.get(PATH)?.["status"], {
      phase: "Pending",
      systemId: "7",
      bootstrapIntent: facts.bootstrapIntent,
      names: [{ name: "a.lan", addresses: ["10.0.0.1"] }],
      hosts: [{ name: "a", state: "Reachable", machineId: "m" }],
    });
    assert.deepEqual(await store.readRecord("PostgresHACluster", "pg"), facts);
  });

  it("a record made from an old state is refused, so that an intent is never written over another's", async () => {
    const { store, client, read } = await world();
    await client.request({ method: "PUT", path: `${PATH}/status`, body: { ...read, status: { systemId: "9" } } });
    await assert.rejects(
      store.writeRecord("PostgresHACluster", "pg", { hosts: {}, systemId: "7" }),
      (error) => error instanceof PghaError && error.retry === "soon",
    );
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
  it(
    "are made without an owner, since their data outlives every resource, and say whose they are " + "by labels",
    async () => {
      const { store, objects } = await world();
      await store.writeSecret(createSecret(WISH));
      const made = objects.get("/api/v1/namespaces/db/secrets/pg-superuser") as
        | { metadata: { ownerReferences: unknown; labels: unknown }; type: string }
        | undefined;
      assert.equal(made?.metadata.ownerReferences, undefined);
      assert.deepEqual(made?.metadata.labels, {
        "app.kubernetes.io/managed-by": "pgha",
        "pgha.keybuzz.io/cluster": "pg",
      });
      assert.equal(made?.type, "kubernetes.io/basic-auth");
      assert.deepEqual([...(await store.readSecrets()).keys()], ["pg-superuser"]);
    },
  );

  it("that somebody made in the meantime are not written over", async () => {
    const { store, objects } = await world();
    await store.readSecrets();
    objects.set("/api/v1/namespaces/db/secrets/pg-superuser", {
      metadata: { name: "pg-superuser", resourceVersion: "5" },
      data: { password: "eA==" },
    });
    await assert.rejects(
      store.writeSecret(createSecret(WISH)),
      (error) => error instanceof PghaError && error.reason === "SecretExists",
    );
    assert.deepEqual(objects.get("/api/v1/namespaces/db/secrets/pg-superuser")?.["data"], { password: "eA==" });
  });

  it("that a person made get the keys they lack, and keep those they have", async () => {
    const { store, objects } = await world();
    const password = Buffer.from("of a person's own").toString("base64");
    objects.set("/api/v1/namespaces/db/secrets/pg-superuser", {
      metadata: { name: "pg-superuser", namespace: "db", resourceVersion: "5" },
      type: "kubernetes.io/basic-auth",
      data: { password },
    });
    const [existing] = (await store.readSecrets()).values();
    assert.ok(existing);
    const other = createSecret(WISH);
    await store.writeSecret({ ...other, data: { ...other.data } });
    const data = objects.get("/api/v1/namespaces/db/secrets/pg-superuser")?.["data"] as Record<string, string>;
    assert.equal(data["password"], password);
    assert.equal(data["username"], Buffer.from("postgres").toString("base64"));
  });

  const AT = (host: string) => ({ ...WISH, endpoint: { host, port: 5432, dbname: "postgres" } });
  const SECRET = "/api/v1/namespaces/db/secrets/pg-superuser";

  it(
    "that were made here are renewed where they say where to log in, by a patch of these keys against the " +
      "version that was read",
    async () => {
      const { store, objects, requests } = await world();
      await store.writeSecret(createSecret(AT("10.0.0.1")));
      const made = objects.get(SECRET);
      objects.set(SECRET, { ...made, metadata: { ...made?.metadata, annotations: { theirs: "x" } } as never });
      const before = (await store.readSecrets()).get("pg-superuser");
      assert.ok(before);
      await store.writeSecret(
        completeSecret(AT("10.0.0.9"), {
          ...before,
          data: { ...before.data, password: before.data["password"] ?? sensitive("") },
        }),
      );
      const patch = requests.at(-1)?.body as
        | { readonly metadata: object; readonly data: Readonly<Record<string, string>> }
        | undefined;
      assert.deepEqual(patch?.metadata, { resourceVersion: made?.metadata.resourceVersion });
      assert.deepEqual(Object.keys(patch?.data ?? {}).toSorted(), ["host", "uri"]);
      const after = (await store.readSecrets()).get("pg-superuser");
      assert.equal(
        after?.data["uri"]?.reveal(),
        `postgresql://postgres:${before.data["password"]?.reveal()}@10.0.0.9:5432/postgres`,
      );
      assert.deepEqual(
        [after.annotations, after.data["verifier"]?.reveal(), after.labels],
        [{ theirs: "x" }, before.data["verifier"]?.reveal(), before.labels],
      );
      const sent = requests.length;
      await store.writeSecret(after);
      assert.deepEqual(
        requests.slice(sent).filter(({ method }) => method !== "GET"),
        [],
        "what is there already is not sent",
      );
    },
  );

  it("that were made here and changed since they were read are not written over", async () => {
    const { store, objects } = await world();
    await store.writeSecret(createSecret(AT("10.0.0.1")));
    const read = (await store.readSecrets()).get("pg-superuser");
    assert.ok(read);
    const made = objects.get(SECRET);
    objects.set(SECRET, { ...made, metadata: { ...made?.metadata, resourceVersion: "999" } as never });
    await assert.rejects(
      store.writeSecret(completeSecret(AT("10.0.0.9"), read)),
      (error) => error instanceof PghaError && error.retry === "soon",
    );
    assert.deepEqual(objects.get(SECRET)?.["data"], made?.["data"]);
  });

  it("that are a person's, or another cluster's, are never renewed, whatever is asked for", async () => {
    for (const labels of [undefined, { "app.kubernetes.io/managed-by": "pgha", "pgha.keybuzz.io/cluster": "other" }]) {
      const { store, objects } = await world();
      const made = writtenSecret(createSecret(AT("10.0.0.1")));
      objects.set(SECRET, {
        ...made,
        metadata: {
          name: "pg-superuser",
          namespace: "db",
          resourceVersion: "5",
          ...(labels === undefined ? {} : { labels }),
        },
      });
      await store.writeSecret(createSecret(AT("10.0.0.9")));
      assert.deepEqual(objects.get(SECRET)?.["data"], made.data);
    }
  });
});
