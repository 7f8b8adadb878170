import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createOperator } from "../../../src/operator/operator.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { createRuntimeMetrics } from "../../../src/runtime/metrics.ts";
import type { KubeSecret } from "../../../src/state/kube-secrets.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { clientOf } from "../../kube/client.ts";
import { startKube } from "../../kube/start-kube.ts";
import type { Kube } from "../../kube/start-kube.ts";
import { until } from "../../kube/until.ts";

// A real garbage collector. No host is ever logged in to: there is no key, so what a policy asks for is not done, and
// the data that the Secrets open is still there in every case.
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDMLIP2+yIKq1usJF0nLUFDiX0G1qq6gsGgzK78gHUQ3";
const SECRETS = ["pg-superuser", "pg-patroni-api", "pg-raft", "pg-role-n8n", "pg-role-that-was"];
let kube: Kube;
const stop = new AbortController();
let running: Promise<void>;

before(async () => {
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
});

async function read<T>(namespace: string, kind: string, name: string): Promise<T> {
  return JSON.parse(await kube.kubectl(["get", kind, name, "-n", namespace, "-o", "json"])) as T;
}

async function names(namespace: string, kind: string): Promise<readonly string[]> {
  return (await kube.kubectl(["get", kind, "-n", namespace, "-o", "jsonpath={.items[*].metadata.name}"])).split(" ");
}

/** A cluster with its Secrets as an earlier version left them, and with what the garbage collector may have. */
async function upgraded(namespace: string, policy: string): Promise<void> {
  const subnet = 10 + (await names("", "namespaces")).length;
  const host = (index: number): object => ({
    name: `db-${index}`,
    address: `10.${subnet}.0.${index}`,
    hostKey: HOST_KEY,
  });
  await kube.kubectl(["create", "namespace", namespace]);
  const cluster = {
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind: "PostgresHACluster",
    metadata: { name: "pg", namespace },
    spec: {
      ssh: { user: "root", privateKeySecretRef: { name: "vm-ssh" } },
      hosts: [host(1), host(2), host(3)],
      postgresql: { version: 17, dataVolume: { mountPath: "/data" } },
      roles: [{ name: "n8n" }],
      deletionPolicy: policy,
      ...(policy === "Purge" ? { purgeConfirmation: "pg" } : {}),
    },
  };
  await kube.kubectl(["apply", "-f", "-"], JSON.stringify(cluster));
  const { apiVersion, kind, metadata } = await read<StoredResource>(namespace, "pghac", "pg");
  const ownerReferences = [{ apiVersion, kind, name: "pg", uid: metadata.uid, blockOwnerDeletion: true }];
  const labels = { "app.kubernetes.io/managed-by": "pgha", "pgha.keybuzz.io/cluster": "pg" };
  const items = [
    ...SECRETS.map((name) => ({
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/basic-auth",
      metadata: { name, namespace, labels, ownerReferences },
      stringData: { username: "n8n", password: "hYd7-2kk!x9" },
    })),
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "bound", namespace, ownerReferences } },
  ];
  await kube.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  await until("the Secrets are freed", async () => {
    const found = await Promise.all(SECRETS.map((name) => read<KubeSecret>(namespace, "secret", name)));
    return found.every((secret) => (secret.metadata.ownerReferences ?? []).length === 0);
  });
}

for (const policy of ["Retain", "Stop", "Purge"]) {
  for (const cascade of ["foreground", "background", "orphan"]) {
    test(`deleted with ${policy}, ${cascade}: no Secret of data that is still there goes with it`, async () => {
      const namespace = `${policy}-${cascade}`.toLowerCase();
      await upgraded(namespace, policy);
      if (policy !== "Retain")
        await kube.kubectl(["annotate", "pghac", "pg", "-n", namespace, "pgha.keybuzz.io/force-finalize=true"]);
      await kube.kubectl(["delete", "pghac", "pg", "-n", namespace, `--cascade=${cascade}`, "--timeout=50s"]);
      if (cascade !== "orphan")
        await until("the garbage collector was here", async () => !(await names(namespace, "cm")).includes("bound"));
      const left = await names(namespace, "secrets");
      assert.deepEqual(
        SECRETS.filter((name) => !left.includes(name)),
        [],
      );
    });
  }
}
