import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { loadAll } from "js-yaml";
import { completeSecret, createSecret } from "../../../src/credentials/secret-values.ts";
import { sensitive } from "../../../src/credentials/sensitive.ts";
import { openFolderStore } from "../../../src/state/folder-store.ts";
import { memoryStore } from "../../../src/state/memory-store.ts";
import { StateError } from "../../../src/state/state-error.ts";
import { NOTHING_RECORDED } from "../../../src/state/store.ts";
import type { RecordedFacts, StateStore } from "../../../src/state/store.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const secret = createSecret({
  name: "main-role-n8n",
  cluster: "main",
  purpose: "role",
  title: "role n8n",
  username: "n8n",
  verifier: true,
});
const facts: RecordedFacts = {
  systemId: "7423452345234523452",
  hosts: {
    "db-1": { machineId: "12345678901234567890123456789012", hostKey: "ssh-ed25519 AAAA", volumeUuid: "1e10" },
    "db-2": {},
  },
  names: { "db-1.lan": ["10.0.0.1", "fd00::1"], constructor: ["10.0.0.2"] },
  applied: { postgresql: { version: 17, dataVolume: { mountPath: "/data" } } },
  bootstrapIntent: { startedAt: "2026-01-01T00:00:00Z", members: ["db-1", "db-2"] },
};

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pgha-state-"));
  t.after(async () => removeFolder(folder));
  return join(folder, ".pgha");
}

const stores: Readonly<Record<string, (t: TestContext) => Promise<StateStore>>> = {
  folder: async (t) => await openFolderStore(await emptyFolder(t)),
  memory: () => Promise.resolve(memoryStore()),
};
for (const [kind, open] of Object.entries(stores)) {
  void test(`a ${kind} store gives back what was kept in it`, async (t) => {
    const store = await open(t);
    assert.deepEqual(await store.readSecrets(), new Map());
    assert.deepEqual(await store.readRecord("PostgresHACluster", "main"), NOTHING_RECORDED);
    await store.writeSecret(secret);
    await store.writeSecret({ ...secret, data: { ...secret.data, note: sensitive("yes: [no] #\n\u0000") } });
    await store.writeRecord("PostgresHACluster", "main", facts);
    const kept = (await store.readSecrets()).get(secret.name);
    assert.equal(kept?.data["password"]?.reveal(), secret.data["password"]?.reveal());
    assert.equal(kept?.data["note"]?.reveal(), "yes: [no] #\n\u0000");
    assert.deepEqual(await store.readRecord("PostgresHACluster", "main"), facts);
    assert.deepEqual(await store.readRecord("HAProxyPool", "main"), NOTHING_RECORDED);
    const pool: RecordedFacts = { hosts: {}, applied: { clusterRef: { name: "main" } }, ports: [5432, 5433] };
    await store.writeRecord("HAProxyPool", "lb.example", pool);
    assert.deepEqual(Object.fromEntries((await store.readRecords?.()) ?? []), {
      "HAProxyPool/lb.example": pool,
      "PostgresHACluster/main": facts,
    });
    await store.removeRecord?.("HAProxyPool", "lb.example");
    assert.deepEqual([...((await store.readRecords?.()) ?? new Map()).keys()], ["PostgresHACluster/main"]);
  });
}

void test("F92 nobody else can look into the folder, whatever the umask, and git leaves it alone", async (t) => {
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const path = await emptyFolder(t);
  const store = await openFolderStore(path);
  await store.writeSecret(secret);
  await store.writeRecord("PostgresHACluster", "main", facts);
  const entries = ["", ...(await readdir(path, { recursive: true }))];
  assert.deepEqual(entries.toSorted(), [
    "",
    ".gitignore",
    "secrets",
    "secrets/main-role-n8n.yaml",
    "status",
    "status/PostgresHACluster.main.yaml",
  ]);
  for (const entry of entries) {
    const found = await stat(join(path, entry));
    assert.equal(found.mode & 0o777, found.isDirectory() ? 0o700 : 0o600, entry);
  }
  assert.match(await readFile(join(path, ".gitignore"), "utf8"), /^\*$/m);
});

void test(
  "a Secret that pgha made is known again in its file, and renewed there with what a person " + "added to it",
  async (t) => {
    const path = await emptyFolder(t);
    const store = await openFolderStore(path);
    const wish = {
      name: "main-role-n8n",
      cluster: "main",
      purpose: "role",
      title: "role n8n",
      username: "n8n",
      verifier: true,
    } as const;
    await store.writeSecret(createSecret({ ...wish, endpoint: { host: "10.0.0.1", port: 5432, dbname: "n8n" } }));
    const file = join(path, "secrets/main-role-n8n.yaml");
    await writeFile(
      file,
      (await readFile(file, "utf8")).replace("  labels:\n", "  annotations:\n    theirs: x\n  labels:\n"),
    );
    const before = (await store.readSecrets()).get("main-role-n8n");
    assert.ok(before);
    await store.writeSecret(
      completeSecret({ ...wish, endpoint: { host: "10.0.0.9", port: 6432, dbname: "n8n" } }, before),
    );
    const after = (await store.readSecrets()).get("main-role-n8n");
    assert.equal(
      after?.data["uri"]?.reveal(),
      `postgresql://n8n:${before.data["password"]?.reveal()}@10.0.0.9:6432/n8n`,
    );
    assert.deepEqual(
      [after.annotations, after.labels, after.data["verifier"]?.reveal()],
      [{ theirs: "x" }, before.labels, before.data["verifier"]?.reveal()],
    );
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(path, "secrets")), ["main-role-n8n.yaml"], "nothing is left beside it");
  },
);

void test("a secret file is a document that Kubernetes takes", async (t) => {
  const path = await emptyFolder(t);
  await (await openFolderStore(path)).writeSecret(secret);
  const [document] = loadAll(await readFile(join(path, "secrets/main-role-n8n.yaml"), "utf8"));
  const { data, ...rest } = document as Readonly<Record<string, unknown>>;
  assert.deepEqual(rest, {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/basic-auth",
    metadata: {
      name: "main-role-n8n",
      labels: { "app.kubernetes.io/managed-by": "pgha", "pgha.keybuzz.io/cluster": "main" },
    },
  });
  assert.equal((data as Readonly<Record<string, unknown>>)["username"], "bjhu");
});

const spoil: readonly (readonly [reason: string, act: (path: string) => Promise<void>, says: RegExp])[] = [
  ["a folder that others can enter", async (path) => await chmod(path, 0o755), /mode 755.*chmod 700/s],
  [
    "a folder of secrets that the group can read",
    async (path) => await chmod(join(path, "secrets"), 0o750),
    /secrets has mode 750/,
  ],
  [
    "a secret that others can read",
    async (path) => await chmod(join(path, "secrets/main-role-n8n.yaml"), 0o644),
    /mode 644.*chmod 600/s,
  ],
  ["a secret behind a link", async (path) => await symlink("/etc/passwd", join(path, "secrets/x.yaml")), /a link/],
  [
    "a secret that is empty",
    async (path) => await writeFile(join(path, "secrets/x.yaml"), "", { mode: 0o600 }),
    /exactly one Secret/,
  ],
  [
    "a secret under another's name",
    async (path) =>
      await writeFile(join(path, "secrets/x.yaml"), await readFile(join(path, "secrets/main-role-n8n.yaml")), {
        mode: 0o600,
      }),
    /holds the Secret main-role-n8n/,
  ],
  [
    "a record that is empty",
    async (path) => await writeFile(join(path, "status/PostgresHACluster.main.yaml"), ""),
    /not valid YAML/,
  ],
  [
    "a record that is cut short",
    async (path) => await writeFile(join(path, "status/PostgresHACluster.main.yaml"), "kind: PostgresHACluster\n"),
    /cut short/,
  ],
  [
    "a record that is no YAML",
    async (path) => await writeFile(join(path, "status/PostgresHACluster.main.yaml"), "{"),
    /not valid YAML/,
  ],
  [
    "a record with a number for a system id",
    async (path) => await writeFile(join(path, "status/PostgresHACluster.main.yaml"), "status: {systemId: 742}"),
    /systemId that is no text/,
  ],
];
for (const [reason, act, says] of spoil) {
  void test(`${reason} is refused, never taken for nothing`, async (t) => {
    const path = await emptyFolder(t);
    const store = await openFolderStore(path);
    await store.writeSecret(secret);
    await store.writeRecord("PostgresHACluster", "main", facts);
    await act(path);
    const look = async () => {
      const again = await openFolderStore(path);
      await again.readSecrets();
      await again.readRecord("PostgresHACluster", "main");
    };
    await assert.rejects(look, (error) => {
      assert.ok(error instanceof StateError);
      assert.match(`${error.message} ${error.wayOut ?? ""}`, says);
      assert.ok(!error.message.includes(secret.data["password"]?.reveal() ?? "-"));
      return true;
    });
  });
}

void test(
  "a file of somebody else's is refused",
  { skip: process.geteuid?.() !== 0 && "only root can give files away" },
  async (t) => {
    const path = await emptyFolder(t);
    await openFolderStore(path);
    const { chown } = await import("node:fs/promises");
    await chown(join(path, "secrets"), 65534, 65534);
    await assert.rejects(openFolderStore(path), /belongs to the user with id 65534/);
  },
);

void test("names that are paths do not leave the folder", async (t) => {
  const store = await openFolderStore(await emptyFolder(t));
  for (const name of ["../x", "a/b", "..", "", ".x", "a..b", "x\n"]) {
    await assert.rejects(store.writeSecret({ ...secret, name }), TypeError);
    await assert.rejects(store.readRecord("PostgresHACluster", name), TypeError);
  }
});

void test("a write that fails leaves what was there before", async (t) => {
  const path = await emptyFolder(t);
  const store = await openFolderStore(path);
  await store.writeRecord("PostgresHACluster", "main", facts);
  await mkdir(join(path, "secrets/blocked.yaml"));
  await assert.rejects(store.writeSecret({ ...secret, name: "blocked" }), StateError);
  assert.deepEqual(await readdir(join(path, "secrets")), ["blocked.yaml"], "no temporary file is left");
  assert.deepEqual(await store.readRecord("PostgresHACluster", "main"), facts);
});

test("what a file holds is the same object until its text is another", async (t) => {
  const folder = await emptyFolder(t);
  const store = await openFolderStore(folder);
  await store.writeSecret(secret);
  await store.writeRecord("PostgresHACluster", "main", facts);
  const read = async () => ({
    secret: (await store.readSecrets()).get("main-role-n8n"),
    record: await store.readRecord("PostgresHACluster", "main"),
  });
  const first = await read();
  const again = await read();
  assert.equal(again.secret, first.secret);
  assert.equal(again.record, first.record);
  await store.writeRecord("PostgresHACluster", "main", { ...facts, systemId: "1" });
  await store.deleteSecret("main-role-n8n");
  const changed = await read();
  assert.equal(changed.record.systemId, "1");
  assert.equal(changed.secret, undefined);
});
