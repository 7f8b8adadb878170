import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { after, before, test } from "node:test";
import { KubeConfig } from "@kubernetes/client-node";
import type { SecretDocument } from "../../../src/credentials/index.ts";
import { sensitive } from "../../../src/credentials/sensitive.ts";
import { createOperator } from "../../../src/operator/operator.ts";
import { RESOURCE_TYPES } from "../../../src/operator/resources/resource-types.ts";
import { createApiClient } from "../../../src/runtime/api-client.ts";
import type { ApiClient } from "../../../src/runtime/api-client.ts";
import { connectionFrom } from "../../../src/runtime/api-connection.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { createEventRecorder } from "../../../src/runtime/event-recorder.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { createRuntimeMetrics } from "../../../src/runtime/metrics.ts";
import { deleteSecrets, readKubeSecrets } from "../../../src/state/kube-secrets.ts";
import { kubeStore } from "../../../src/state/kube-store.ts";
import { liveResource } from "../../../src/state/live-resource.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { startKube } from "../../kube/start-kube.ts";
import type { Kube } from "../../kube/start-kube.ts";
import { until } from "../../kube/until.ts";
import { CHART, kustomized, objectsIn, run, templated } from "./rendered.ts";
import type { Manifest } from "./rendered.ts";
import { trialStack } from "./trial-stack.ts";
import { grantedBy, noting } from "./rights.ts";

const OPERATOR = "system:serviceaccount:pgha-system:pgha-operator";
let kube: Kube;
let base: string;
/** A host that takes connections and closes them. */
let closing: Server;

before(async () => {
  closing = createServer((socket) => socket.on("error", () => undefined).destroy()).listen(0, "127.0.0.1");
  [kube, base] = await Promise.all([startKube(), kustomized("base")]);
});
after(async () => {
  closing?.close();
  await kube?.stop();
});

async function clientOf(namespace: string): Promise<ApiClient> {
  const config = new KubeConfig();
  config.loadFromFile(await kube.kubeconfigFor(namespace, "pgha-operator"));
  return createApiClient({ connection: connectionFrom(config), clock: systemClock });
}

async function can(who: string, verb: string, what: string, ...where: readonly string[]): Promise<boolean> {
  const answer = await kube
    .kubectl(["auth", "can-i", verb, what, `--as=${who}`, ...where])
    .catch((error: unknown) => (error as { readonly stdout: string }).stdout);
  return answer.trim() === "yes";
}

test("manifests/base is applied in one go, and a second time changes nothing", async () => {
  const first = await kube.kubectl(["apply", "--server-side", "-f", "-"], base);
  assert.equal(first.trim().split("\n").length, objectsIn(base).length);
  const versions = (): Promise<string> =>
    kube.kubectl(["get", "-f", "-", "-o", "jsonpath={.items[*].metadata.generation}"], base);
  await kube.kubectl(["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"]);
  const before = await versions();
  await kube.kubectl(["apply", "--server-side", "-f", "-"], base);
  assert.equal(await versions(), before);
});

test("a pod of the Deployment is admitted where only restricted pods are", async () => {
  const deployment = objectsIn(base).find(({ kind }) => kind === "Deployment") as Manifest & {
    readonly spec: { readonly template: { readonly metadata: object; readonly spec: object } };
  };
  const { metadata, spec } = deployment.spec.template;
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name: "one", namespace: "pgha-system" }, spec };
  await kube.kubectl(["create", "--dry-run=server", "-f", "-"], JSON.stringify(pod));
  const rooted = { ...pod, spec: { ...spec, hostNetwork: true } };
  await assert.rejects(
    kube.kubectl(["create", "--dry-run=server", "-f", "-"], JSON.stringify(rooted)),
    /PodSecurity/,
    "the namespace refuses what is not restricted",
  );
});

test("viewers may look, editors may edit, and neither writes a status", async () => {
  await kube.kubectl(["create", "rolebinding", "view", "--clusterrole=pgha-viewer", "--user=vi", "-n", "default"]);
  await kube.kubectl(["create", "rolebinding", "edit", "--clusterrole=pgha-editor", "--user=ed", "-n", "default"]);
  const kinds = Object.values(RESOURCE_TYPES).map(({ plural, group }) => `${plural}.${group}`);
  for (const kind of kinds) {
    const asked = [
      ["vi", "list"],
      ["vi", "create"],
      ["ed", "create"],
      ["ed", "delete"],
      ["ed", "update", "--subresource=status"],
    ] as const;
    const answers = await Promise.all(
      asked.map(([who, verb, ...more]) => can(who, verb, kind, "-n", "default", ...more)),
    );
    assert.deepEqual(answers, [true, false, true, true, false], kind);
  }
});

test("the operator does its work with its own rights, and uses each of them", async () => {
  const used = new Set<string>();
  const client = noting(await clientOf("pgha-system"), used);
  const stop = new AbortController();
  const operator = createOperator({
    client,
    metrics: createRuntimeMetrics(),
    log: silentLog,
    identity: "one",
    pollMs: 1000,
    lease: { namespace: "pgha-system", name: "pgha-operator" },
  });
  await kube.kubectl(["apply", "-f", "-"], resources("default", 0));
  const running = operator.run(stop.signal);
  try {
    for (const name of ["pghac/trial", "hap/trial", "pgb/trial"]) {
      await until(`${name} is looked at`, async () =>
        /^\S+ .*hosts/.test(await kube.kubectl(["get", name, "-o", "jsonpath={.status.phase} {.metadata.finalizers}"])),
      );
    }
    await kube.kubectl([
      "patch",
      "lease",
      "-n",
      "pgha-system",
      "pgha-operator",
      "--type=merge",
      '--patch={"metadata":{"labels":{"x":"y"}}}',
    ]);
    await until("the lease is renewed", () => used.has("update coordination.k8s.io/leases"));
  } finally {
    stop.abort();
    await running;
  }
  await rareActs(client);
  client.close();
  const granted = grantedBy(
    objectsIn(base)
      .filter(({ metadata }) => metadata.name.startsWith("pgha-operator"))
      .filter(({ kind }) => kind === "ClusterRole" || kind === "Role"),
  );
  assert.deepEqual([...used].toSorted(), [...granted].toSorted());
});

/** What the operator does only on hosts that answer, by the same functions. */
async function rareActs(client: ApiClient): Promise<void> {
  for (const type of Object.values(RESOURCE_TYPES)) {
    const read = JSON.parse(await kube.kubectl(["get", type.plural, "trial", "-o", "json"])) as StoredResource;
    await liveResource(client, type, read).demandCurrent();
  }
  const store = (): ReturnType<typeof kubeStore> =>
    kubeStore({
      client,
      namespace: "default",
      resources: new Map(),
      secretNames: ["made"],
      watched: () => undefined,
    });
  const secret = (...keys: readonly string[]): SecretDocument => ({
    name: "made",
    labels: {},
    annotations: {},
    type: "kubernetes.io/basic-auth",
    data: Object.fromEntries(keys.map((key) => [key, sensitive("x")])),
  });
  await store().writeSecret(secret("username", "password"));
  await store().writeSecret(secret("username", "password", "uri"));
  const made = await readKubeSecrets(client, "default", ["made"], () => undefined);
  await kube.kubectl(["label", "secret", "made", "pgha.keybuzz.io/cluster=trial"]);
  assert.deepEqual(await deleteSecrets(client, made.values(), "trial", "7"), [], "it was not said to be the cluster's");
  const labelled = await readKubeSecrets(client, "default", ["made"], () => undefined);
  assert.deepEqual(await deleteSecrets(client, labelled.values(), "trial", "7"), ["made"]);
  const recorder = createEventRecorder({
    client,
    clock: systemClock,
    log: silentLog,
    reportingController: "pgha.keybuzz.io/operator",
    reportingInstance: "one",
  });
  const event = {
    regarding: { apiVersion: "pgha.keybuzz.io/v1alpha1", kind: "HAProxyPool", namespace: "default", name: "trial" },
    type: "Normal",
    reason: "Converged",
    action: "Look",
    note: "again",
  } as const;
  recorder.record(event);
  recorder.record(event);
  await recorder.flush();
  recorder.record(event);
  await recorder.flush();
}

/** See trialStack. */
function resources(namespace: string, subnet: number): string {
  return trialStack(namespace, subnet, (closing.address() as AddressInfo).port);
}

test("beyond that the operator may do nothing", async () => {
  const asked: readonly (readonly string[])[] = [
    ["deletecollection", "secrets", "-A"],
    ["update", "secrets", "-A"],
    ["update", "postgreshaclusters.pgha.keybuzz.io", "-A"],
    ["delete", "postgreshaclusters.pgha.keybuzz.io", "-A"],
    ["create", "pods", "-A"],
    ["get", "configmaps", "-A"],
    ["get", "leases.coordination.k8s.io/other", "-n", "pgha-system"],
    ["get", "leases.coordination.k8s.io/pgha-operator", "-n", "default"],
    ["impersonate", "users"],
  ];
  const allowed = await Promise.all(
    asked.map(async ([verb = "", what = "", ...where]) =>
      (await can(OPERATOR, verb, what, ...where)) ? `${verb} ${what}` : "",
    ),
  );
  assert.deepEqual(
    allowed.filter((each) => each !== ""),
    [],
  );
});

/** Runs a release's operator in `owner`, as that service account, until it has looked at a resource in each namespace. */
async function looksInto(owner: string, namespaces: readonly string[], watch: string): Promise<void> {
  for (const namespace of new Set([owner, ...namespaces])) await kube.kubectl(["create", "namespace", namespace]);
  const rendered = await templated(`watch=${watch}`, "crds.install=false", "peopleRoles.create=false");
  const text = rendered.replaceAll("pgha-system", owner);
  await kube.kubectl(["apply", "--server-side", "-f", "-"], text);
  for (const [index, namespace] of namespaces.entries())
    await kube.kubectl(["apply", "-f", "-"], resources(namespace, namespaces.length + index));
  const client = await clientOf(owner);
  const stop = new AbortController();
  const asked = [...text.matchAll(/--namespace=(\S+)/g)].map(([, namespace = ""]) => namespace);
  const operator = createOperator({
    client,
    metrics: createRuntimeMetrics(),
    log: silentLog,
    identity: owner,
    namespaces: asked.map((namespace) => (namespace === "$(POD_NAMESPACE)" ? owner : namespace)),
    lease: { namespace: owner, name: "pgha-operator" },
  });
  const running = operator.run(stop.signal);
  const phase = (namespace: string) =>
    kube.kubectl(["get", "hap", "trial", "-n", namespace, "-o", "jsonpath={.status.phase}"]);
  try {
    for (const namespace of namespaces)
      await until(`${namespace} is looked at`, async () => (await phase(namespace)) !== "");
  } finally {
    stop.abort();
    await running;
    client.close();
  }
}

test("an operator for its own namespace works there, and has no right elsewhere", async () => {
  await looksInto("solo", ["solo"], "own");
  const who = "system:serviceaccount:solo:pgha-operator";
  assert.deepEqual(
    await Promise.all([
      can(who, "get", "secrets", "-n", "solo"),
      can(who, "get", "secrets", "-n", "default"),
      can(who, "list", "postgreshaclusters.pgha.keybuzz.io", "-n", "solo"),
      can(who, "list", "postgreshaclusters.pgha.keybuzz.io", "-A"),
    ]),
    [true, false, true, false],
  );
});

test("an operator for several namespaces works in each, and has no right elsewhere", async () => {
  await looksInto("several", ["left", "right"], "{left,right}");
  const who = "system:serviceaccount:several:pgha-operator";
  assert.deepEqual(
    await Promise.all(["left", "right", "several", "default"].map((n) => can(who, "get", "secrets", "-n", n))),
    [true, true, false, false],
  );
});

test("what was installed can be taken away, once no resource is left", async () => {
  for (const namespace of ["default", "solo", "left", "right"]) {
    await kube.kubectl(["delete", "pghac,hap,pgb", "--all", "-n", namespace, "--wait=false"]);
    for (const kind of ["pghac", "hap", "pgb"])
      await kube
        .kubectl(["patch", kind, "trial", "-n", namespace, "--type=merge", '--patch={"metadata":{"finalizers":null}}'])
        .catch(() => undefined);
  }
  await kube.kubectl(["delete", "--wait=false", "-f", "-"], base);
  await until("the CRDs are gone", async () => (await kube.kubectl(["get", "crd", "-o", "name"])) === "");
});

test("Helm installs, upgrades and uninstalls the chart, and keeps the CRDs", async () => {
  const helm = (...args: readonly string[]): Promise<string> =>
    run("helm", [...args, "--kubeconfig", kube.kubeconfigPath, "-n", "by-helm"]);
  await helm("install", "pgha", CHART, "--create-namespace");
  assert.match(await kube.kubectl(["get", "deployment", "-n", "by-helm", "-o", "name"]), /pgha-operator/);
  await helm("upgrade", "pgha", CHART, "--set=replicas=1", "--set=allowHosts={10.0.0.0/8}");
  assert.equal(
    await kube.kubectl([
      "get",
      "deployment",
      "pgha-operator",
      "-n",
      "by-helm",
      "-o",
      "jsonpath={.spec.replicas} {.spec.template.spec.containers[0].args}",
    ]),
    '1 ["operator","--allow-hosts=10.0.0.0/8"]',
  );
  await helm("uninstall", "pgha", "--wait=false");
  assert.equal(
    await kube.kubectl([
      "get",
      "deployment,role,rolebinding,networkpolicy,pdb,clusterrole,clusterrolebinding",
      "-n",
      "by-helm",
      "-l",
      "app.kubernetes.io/name=pgha",
      "-o",
      "name",
    ]),
    "",
  );
  assert.equal((await kube.kubectl(["get", "crd", "-o", "name"])).trim().split("\n").length, 4);
});
