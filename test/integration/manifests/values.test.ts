import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startKube } from "../../kube/start-kube.ts";
import type { Kube } from "../../kube/start-kube.ts";
import { CHART, kustomized, objectsIn, rendered, REPOSITORY, run, templated } from "./rendered.ts";
import type { Manifest } from "./rendered.ts";

interface Deployment extends Manifest {
  readonly spec: {
    readonly strategy?: object;
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>>; readonly annotations: object };
      readonly spec: Readonly<Record<string, unknown>> & {
        readonly containers: readonly (Readonly<Record<string, unknown>> & { readonly args: readonly string[] })[];
      };
    };
  };
}

let kube: Kube;
before(async () => {
  kube = await startKube();
  await kube.kubectl(["create", "namespace", "one"]);
});
after(async () => kube?.stop());

/** What people set on other charts, all at once. */
const EVERYTHING = {
  fullnameOverride: "db-operator",
  commonLabels: { team: "data" },
  commonAnnotations: { "example.org/owner": "dba" },
  deploymentAnnotations: { "example.org/reload": "true" },
  podAnnotations: { "example.org/pod": "yes" },
  podLabels: { tier: "control" },
  image: { registry: "registry.example.org/mirror", repository: "pgha", digest: `sha256:${"a".repeat(64)}` },
  imagePullSecrets: [{ name: "pull" }],
  strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  revisionHistoryLimit: 3,
  extraArgs: ["--port=8080"],
  extraEnv: [{ name: "NODE_OPTIONS", value: "--max-old-space-size=384" }],
  extraEnvFrom: [{ secretRef: { name: "proxy" } }],
  extraVolumes: [{ name: "ca", configMap: { name: "ca" } }],
  extraVolumeMounts: [{ name: "ca", mountPath: "/etc/ssl/mine", readOnly: true }],
  extraInitContainers: [{ name: "wait", image: "busybox" }],
  extraContainers: [{ name: "beside", image: "busybox" }],
  serviceAccount: { name: "operator", annotations: { "example.org/role": "r" } },
  podSecurityContext: { runAsUser: 1234, fsGroup: 1234 },
  securityContext: { readOnlyRootFilesystem: true },
  livenessProbe: { initialDelaySeconds: 7, periodSeconds: 11 },
  readinessProbe: { failureThreshold: 9 },
  terminationGracePeriodSeconds: 120,
  nodeSelector: { disk: "ssd" },
  tolerations: [{ key: "control", operator: "Exists" }],
  affinity: { nodeAffinity: {} },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }],
  priorityClassName: "system-cluster-critical",
  runtimeClassName: "gvisor",
  hostAliases: [{ ip: "10.0.0.1", hostnames: ["db-1"] }],
  dnsPolicy: "Default",
  dnsConfig: { options: [{ name: "ndots", value: "1" }] },
  podDisruptionBudget: { minAvailable: 1 },
  networkPolicy: { metricsFrom: [{ namespaceSelector: {} }], extraEgress: [{ ports: [{ port: 3128 }] }] },
};

function find(objects: readonly Manifest[], kind: string): Manifest {
  const found = objects.find((object) => object.kind === kind);
  assert.ok(found !== undefined, kind);
  return found;
}

test("what people set on other charts reaches the objects, and a real API server takes them", async () => {
  const objects = await rendered("prod", "one", { ...EVERYTHING, crds: { install: false } });
  const deployment = find(objects, "Deployment") as Deployment;
  const { spec, metadata } = deployment.spec.template;
  const [container] = spec.containers;
  assert.ok(container !== undefined);
  assert.equal(deployment.metadata.name, "db-operator");
  assert.deepEqual(deployment.spec.strategy, EVERYTHING.strategy);
  assert.equal(container["image"], `registry.example.org/mirror/pgha@sha256:${"a".repeat(64)}`);
  assert.deepEqual(container.args, ["operator", "--lease-name=db-operator", "--port=8080"]);
  assert.deepEqual(container["envFrom"], EVERYTHING.extraEnvFrom);
  assert.deepEqual((container["env"] as readonly unknown[]).at(-1), EVERYTHING.extraEnv[0]);
  assert.deepEqual(container["volumeMounts"], EVERYTHING.extraVolumeMounts);
  assert.deepEqual(spec["volumes"], EVERYTHING.extraVolumes);
  assert.equal((container["livenessProbe"] as { readonly initialDelaySeconds: number }).initialDelaySeconds, 7);
  for (const key of [
    "nodeSelector",
    "tolerations",
    "affinity",
    "hostAliases",
    "dnsPolicy",
    "dnsConfig",
    "runtimeClassName",
  ] as const)
    assert.deepEqual(spec[key], EVERYTHING[key], key);
  assert.equal((spec["securityContext"] as { readonly fsGroup: number }).fsGroup, 1234);
  assert.equal(spec["terminationGracePeriodSeconds"], 120);
  assert.equal(spec["serviceAccountName"], "operator");
  assert.equal(find(objects, "ServiceAccount").metadata.name, "operator");
  assert.deepEqual([metadata.labels["tier"], metadata.labels["team"]], ["control", "data"]);
  for (const object of objects) {
    assert.equal(object.metadata.labels?.["team"], "data", object.kind);
    assert.equal(object.metadata.annotations?.["example.org/owner"], "dba", object.kind);
  }
  await kube.kubectl(
    ["apply", "--dry-run=server", "--validate=strict", "-f", "-"],
    objects.map((object) => JSON.stringify(object)).join("\n---\n"),
  );
});

test("what the chart rests on cannot be labelled away", async () => {
  const objects = await rendered("pgha", "pgha-system", {
    commonLabels: { "app.kubernetes.io/name": "other" },
    podLabels: { "app.kubernetes.io/component": "other" },
  });
  const { labels } = (find(objects, "Deployment") as Deployment).spec.template.metadata;
  assert.deepEqual([labels["app.kubernetes.io/name"], labels["app.kubernetes.io/component"]], ["pgha", "operator"]);
});

test(
  "two releases live in one cluster: no name of a cluster-wide object is theirs both, nor a pod selected " + "by both",
  async () => {
    const clusterWide = (objects: readonly Manifest[]): readonly string[] =>
      objects.filter(({ kind }) => kind.startsWith("Cluster")).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    const releases = await Promise.all([
      rendered("pgha", "pgha-system"),
      rendered("pgha", "other", { crds: { install: false } }),
      rendered("second", "pgha-system", { crds: { install: false } }),
      rendered("third", "other", { crds: { install: false }, nameOverride: "db" }),
    ]);
    const names = releases.flatMap(clusterWide);
    assert.equal(names.length, 4 * 4, names.join(", "));
    assert.equal(new Set(names).size, names.length, names.join(", "));
    const inNamespace = releases.flatMap((objects) =>
      objects
        .filter(({ metadata }) => metadata.namespace !== undefined)
        .map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
    );
    assert.equal(new Set(inNamespace).size, inNamespace.length, inNamespace.join(", "));
    const selectors = releases.map((objects) =>
      JSON.stringify(
        (find(objects, "PodDisruptionBudget") as Manifest & { readonly spec: { readonly selector: unknown } }).spec
          .selector,
      ),
    );
    assert.equal(selectors[0], selectors[1], "in two namespaces");
    assert.equal(new Set(selectors).size, 3);
  },
);

test("an install by kustomize is taken over by Helm, with nothing made anew", async () => {
  const base = await kustomized("base");
  await kube.kubectl(["apply", "--server-side", "-f", "-"], base);
  const uids = (): Promise<string> =>
    kube.kubectl([
      "get",
      "deployment/pgha-operator",
      "serviceaccount/pgha-operator",
      "role/pgha-operator-lease",
      "-n",
      "pgha-system",
      "-o",
      "jsonpath={.items[*].metadata.uid}",
    ]);
  const before = await uids();
  await run("helm", [
    "install",
    "pgha",
    CHART,
    "-n",
    "pgha-system",
    "--take-ownership",
    "--kubeconfig",
    kube.kubeconfigPath,
  ]);
  assert.equal(await uids(), before);
  await run("helm", ["uninstall", "pgha", "-n", "pgha-system", "--kubeconfig", kube.kubeconfigPath]);
});

test("a service account that is there is used, and rights that others grant are left to them", async () => {
  const objects = await rendered("pgha", "pgha-system", {
    serviceAccount: { create: false, name: "given" },
    rbac: { create: false },
    peopleRoles: { create: false },
  });
  assert.deepEqual(
    objects.filter(({ kind }) => /Role|ServiceAccount/.test(kind)).map(({ kind }) => kind),
    [],
  );
  assert.equal((find(objects, "Deployment") as Deployment).spec.template.spec["serviceAccountName"], "given");
});

test("a ServiceMonitor selects the Service beside it, and monitors take relabelings", async () => {
  const monitor = {
    enabled: true,
    labels: { release: "kube-prometheus-stack" },
    interval: "15s",
    scrapeTimeout: "10s",
    relabelings: [{ action: "labeldrop", regex: "pod" }],
  };
  const objects = await rendered("second", "one", { monitoring: { serviceMonitor: monitor } });
  const pods = await rendered("second", "one", { monitoring: { podMonitor: monitor } });
  const service = find(objects, "Service");
  const found = find(objects, "ServiceMonitor") as Manifest & {
    readonly spec: { readonly selector: { readonly matchLabels: object }; readonly endpoints: readonly object[] };
  };
  for (const [key, value] of Object.entries(found.spec.selector.matchLabels))
    assert.equal(service.metadata.labels?.[key], value, key);
  assert.equal(found.metadata.labels?.["release"], "kube-prometheus-stack");
  const endpoint = {
    port: "metrics",
    interval: "15s",
    scrapeTimeout: "10s",
    honorLabels: true,
    relabelings: monitor.relabelings,
  };
  assert.deepEqual(found.spec.endpoints, [endpoint]);
  assert.deepEqual((find(pods, "PodMonitor") as Manifest & { readonly spec: object }).spec, {
    selector: found.spec.selector,
    podMetricsEndpoints: [endpoint],
  });
});

test("to edit a namespace is not to be root on hosts, unless somebody says so", async () => {
  const aggregated = (objects: readonly Manifest[]): unknown =>
    objects.find(({ metadata }) => metadata.name === "pgha-editor")?.metadata.labels?.[
      "rbac.authorization.k8s.io/aggregate-to-edit"
    ];
  assert.equal(aggregated(objectsIn(await templated())), undefined);
  assert.equal(aggregated(objectsIn(await templated("peopleRoles.aggregateEditor=true"))), "true");
  assert.equal(aggregated(objectsIn(await kustomized("base"))), undefined);
  const component = await run("kustomize", [
    "build",
    "--load-restrictor=LoadRestrictionsNone",
    `${REPOSITORY}test/fixtures/manifests/editors`,
  ]);
  assert.equal(aggregated(objectsIn(component)), "true");
});

test("two ways to scrape the same figures are refused together, each by itself is not", async () => {
  const kinds = async (...values: readonly string[]) =>
    objectsIn(await templated(...values))
      .map(({ kind }) => kind)
      .filter((kind) => kind.endsWith("Monitor"));
  const [pod, service] = ["monitoring.podMonitor.enabled=true", "monitoring.serviceMonitor.enabled=true"] as const;
  assert.deepEqual(await kinds(pod), ["PodMonitor"]);
  assert.deepEqual(await kinds(service), ["ServiceMonitor"]);
  await assert.rejects(templated(pod, service), /scraped .* twice: leave the one true that your Prometheus looks at/);
});

const MISSPELT: readonly string[] = [
  "fullNameOverride=x",
  "commonLabel.a=b",
  "serviceAccount.created=false",
  "rbac.enabled=false",
  "extraEnvs[0].name=A",
  "extraEnv[0].value=A",
  "livenessProbe.period=3",
  "livenessProbe.httpGet.path=/x",
  "strategy.rollingupdate=1",
  "image.name=x",
  "terminationGracePeriod=3",
  "monitoring.serviceMonitor.label.a=b",
  "podDisruptionBudget.min=1",
  "extraVolumeMounts[0].name=a",
  "dnsPolicy=host",
  "nameOverride=Not_A_Name",
];
for (const value of MISSPELT) {
  test(`the schema of the values refuses ${value}`, async () => {
    await assert.rejects(
      templated(value),
      /values don't meet the specifications|additional propert|does not match|missing propert/i,
    );
  });
}
