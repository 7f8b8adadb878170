import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createOperator } from "../../../src/operator/operator.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { createRuntimeMetrics } from "../../../src/runtime/metrics.ts";
import type { KubeSecret } from "../../../src/state/kube-secrets.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { generateKeyPair } from "../../ssh-server/keys.ts";
import { startSshServer } from "../../ssh-server/ssh-server.ts";
import type { SshServer } from "../../ssh-server/ssh-server.ts";
import { clientOf } from "../../kube/client.ts";
import { startKube } from "../../kube/start-kube.ts";
import type { Kube } from "../../kube/start-kube.ts";
import { until } from "../../kube/until.ts";

// A real garbage collector. No host can be logged in to before a test gives the key: until then what a policy asks for
// is not done, and the data that the Secrets open is still there. With it, every host is this machine, which has
// nothing of pgha's, so that there is nothing to stop or to remove, under a systemd that knows no unit.
const SECRETS =
  "superuser replication rewind patroni-api raft verifiers pgbouncer-admin pgbouncer-stats role-n8n role-that-was"
    .split(" ")
    .map((name) => `pg-${name}`);
const KINDS = ["pghac", "haproxypools", "pgbouncerpools"];
const key = generateKeyPair();
let kube: Kube;
let hosts: SshServer;
const stop = new AbortController();
let running: Promise<void>;

before(async () => {
  const systemctl = join(mkdtempSync(join(tmpdir(), "pgha-systemctl-")), "systemctl");
  writeFileSync(systemctl, "#!/bin/sh\necho LoadState=not-found\necho ActiveState=inactive\n", { mode: 0o755 });
  hosts = await startSshServer({
    authorizedKey: key.publicKey,
    onExec: "real",
    listen: { address: "0.0.0.0", port: 0 },
    loginShell: ["unshare", "-m", "sh", "-c", `mount --bind ${systemctl} /usr/bin/systemctl && exec sh "$@"`, "sh"],
  });
  kube = await startKube({ controllerManager: true });
  await kube.kubectl(["apply", "-f", new URL("../../../crds", import.meta.url).pathname]);
  await kube.kubectl(["wait", "--for=condition=Established", "crd", "--all"]);
  running = createOperator({
    client: clientOf(kube.kubeconfigPath),
    metrics: createRuntimeMetrics({ processMetrics: false }),
    log: silentLog,
    identity: "test",
  }).run(stop.signal);
});
after(async () => {
  stop.abort();
  await running;
  await kube.stop();
  await hosts.close();
});

async function read<T>(namespace: string, kind: string, name: string): Promise<T> {
  return JSON.parse(await kube.kubectl(["get", kind, name, "-n", namespace, "-o", "json"])) as T;
}

async function names(namespace: string, kind: string): Promise<readonly string[]> {
  return (await kube.kubectl(["get", kind, "-n", namespace, "-o", "jsonpath={.items[*].metadata.name}"])).split(" ");
}

/**
 * A stack with its Secrets as an earlier version left them, with what the garbage collector may have, and with what is
 * nobody's.
 */
async function upgraded(namespace: string, policy: string): Promise<void> {
  const subnet = 10 + (await names("", "namespaces")).length;
  const host = (index: number): object => ({
    name: `host-${index}`,
    address: `127.${subnet}.0.${index}`,
    hostKey: hosts.hostKeys[0],
  });
  const ssh = { user: "root", port: hosts.port, privateKeySecretRef: { name: "vm-ssh" } };
  const resource = (kind: string, spec: object): object => ({
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind,
    metadata: { name: "pg", namespace },
    spec: { ssh, deletionPolicy: policy, ...spec },
  });
  const pool = { clusterRef: { name: "pg" }, hosts: [host(4), host(5)] };
  await kube.kubectl(["create", "namespace", namespace]);
  const cluster = resource("PostgresHACluster", {
    hosts: [host(1), host(2), host(3)],
    postgresql: { version: 17, dataVolume: { mountPath: "/nothing-is-here" } },
    roles: [{ name: "n8n" }],
    ...(policy === "Purge" ? { purgeConfirmation: "pg" } : {}),
  });
  const stack = [cluster, resource("HAProxyPool", pool), resource("PgBouncerPool", pool)];
  await kube.kubectl(["apply", "-f", "-"], asList(stack));
  const { apiVersion, kind, metadata } = await read<StoredResource>(namespace, "pghac", "pg");
  const ownerReferences = [{ apiVersion, kind, name: "pg", uid: metadata.uid, blockOwnerDeletion: true }];
  const labels = { "app.kubernetes.io/managed-by": "pgha", "pgha.keybuzz.io/cluster": "pg" };
  const items = [
    ...SECRETS.map((name) => secretOf(name, { namespace, labels, ownerReferences })),
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "bound", namespace, ownerReferences } },
    secretOf("a-persons", { namespace }),
    secretOf("of-another-cluster", { namespace, labels: { ...labels, "pgha.keybuzz.io/cluster": "other" } }),
  ];
  await kube.kubectl(["apply", "-f", "-"], asList(items));
  await until("the Secrets are freed", async () => {
    const found = await Promise.all(SECRETS.map((name) => read<KubeSecret>(namespace, "secret", name)));
    return found.every((secret) => (secret.metadata.ownerReferences ?? []).length === 0);
  });
}

function secretOf(name: string, metadata: object): object {
  const stringData = { username: "n8n", password: "hYd7-2kk!x9" };
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/basic-auth",
    metadata: { name, ...metadata },
    stringData,
  };
}

function asList(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

/** Which of them are not there any more. */
async function lost(namespace: string): Promise<readonly string[]> {
  const left = await names(namespace, "secrets");
  return [...SECRETS, "a-persons", "of-another-cluster"].filter((name) => !left.includes(name));
}

async function collected(namespace: string, cascade: string): Promise<void> {
  if (cascade !== "orphan")
    await until("the garbage collector was here", async () => !(await names(namespace, "cm")).includes("bound"));
}

for (const policy of ["Retain", "Stop", "Purge"]) {
  for (const cascade of ["foreground", "background", "orphan"]) {
    test(`deleted with ${policy}, ${cascade}: no Secret of data that is still there goes with any kind`, async () => {
      const namespace = `${policy}-${cascade}`.toLowerCase();
      await upgraded(namespace, policy);
      const passwords = await passwordsOf(namespace);
      if (policy !== "Retain")
        for (const kind of KINDS)
          await kube.kubectl(["annotate", kind, "pg", "-n", namespace, "pgha.keybuzz.io/force-finalize=true"]);
      await kube.kubectl(["delete", "pgha", "--all", "-n", namespace, `--cascade=${cascade}`, "--timeout=50s"]);
      await collected(namespace, cascade);
      assert.deepEqual(await lost(namespace), []);
      assert.deepEqual(await passwordsOf(namespace), passwords);
    });
  }
}

async function passwordsOf(namespace: string): Promise<string> {
  return kube.kubectl(["get", "secrets", "-n", namespace, "-o", "jsonpath={.items[*].data.password}"]);
}

for (const cascade of ["foreground", "background", "orphan"]) {
  test(
    `deleted with Purge, ${cascade}: Secrets go by themselves, once nothing is left of what they open, ` +
      "and only pgha's",
    async () => {
      const namespace = `purged-${cascade}`;
      await upgraded(namespace, "Purge");
      await kube.kubectl(["delete", "pgha", "--all", "-n", namespace, `--cascade=${cascade}`, "--wait=false"]);
      // With background deletion it waits for the owner to be gone, which is held.
      if (cascade === "foreground") await collected(namespace, cascade);
      await until("it says what it waits for", async () => {
        const { status } = await read<StoredResource>(namespace, "pghac", "pg");
        return status?.conditions?.some(({ reason }) => reason === "SshKeyMissing");
      });
      assert.deepEqual(await lost(namespace), []);
      const sshKey = { "ssh-privatekey": key.privateKey };
      const metadata = { name: "vm-ssh", namespace };
      await kube.kubectl(
        ["apply", "-f", "-"],
        JSON.stringify({
          apiVersion: "v1",
          kind: "Secret",
          type: "kubernetes.io/ssh-auth",
          metadata,
          stringData: sshKey,
        }),
      );
      await until("all three are gone", async () => (await names(namespace, "pgha")).join("") === "", 60_000);
      assert.deepEqual(await lost(namespace), SECRETS);
      assert.ok((await names(namespace, "secrets")).includes("vm-ssh"));
    },
  );
}
