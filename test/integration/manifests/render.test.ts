import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { CHART, comparable, kustomized, objectsIn, REPOSITORY, run, templated } from "./rendered.ts";
import type { Manifest } from "./rendered.ts";

async function kustomizedObjects(folder: string): Promise<readonly Manifest[]> {
  return objectsIn(await kustomized(folder)).filter((object) => object.kind !== "Namespace");
}

test("the chart passes helm lint", async () => {
  await run("helm", ["lint", CHART, "--strict", "--kube-version=1.37.0"]);
});

test("the chart's defaults are manifests/base, apart from the namespace that Helm makes itself", async () => {
  assert.deepEqual(comparable(objectsIn(await templated())), comparable(await kustomizedObjects("base")));
});

test("the chart that watches its own namespace is the overlay namespace-scoped", async () => {
  const objects = await kustomizedObjects("overlays/namespace-scoped");
  assert.deepEqual(comparable(objectsIn(await templated("watch=own"))), comparable(objects));
  const clusterWide = objects
    .filter((object) => object.kind.startsWith("Cluster"))
    .map((object) => object.metadata.name);
  assert.deepEqual(
    clusterWide.toSorted(),
    ["pgha-editor", "pgha-viewer"],
    "the operator itself has no right outside its namespace",
  );
});

test("the chart's monitoring is manifests/monitoring", async () => {
  const chart = objectsIn(
    await templated(
      "monitoring.podMonitor.enabled=true",
      "monitoring.alerts.enabled=true",
      "monitoring.dashboard.enabled=true",
    ),
  );
  const own = new Set(["PodMonitor", "PrometheusRule", "ConfigMap"]);
  assert.deepEqual(
    comparable(chart.filter((object) => own.has(object.kind))),
    comparable(await kustomizedObjects("monitoring")),
  );
});

test("everything in a namespace says in which, so that nothing lands where kubectl happens to point", async () => {
  const clusterKinds = /^(Namespace|CustomResourceDefinition|ClusterRole|ClusterRoleBinding)$/;
  for (const text of [await templated(), await kustomized("base"), await kustomized("overlays/namespace-scoped")]) {
    for (const { kind, metadata } of objectsIn(text))
      assert.equal(metadata.namespace, clusterKinds.test(kind) ? undefined : "pgha-system", `${kind}/${metadata.name}`);
  }
});

test("values reach the operator", async () => {
  const objects = objectsIn(
    await templated(
      "allowHosts={10.0.0.0/16,fd00::/8}",
      "pollSeconds=60",
      "extraArgs={--no-leader-election}",
      "image.repository=example.org/pgha",
      "image.tag=x",
      "networkPolicy.sshPorts={22,2222}",
    ),
  );
  const deployment = objects.find((object) => object.kind === "Deployment") as Manifest & {
    readonly spec: {
      readonly template: {
        readonly spec: { readonly containers: readonly { readonly image: string; readonly args: readonly string[] }[] };
      };
    };
  };
  const [container] = deployment.spec.template.spec.containers;
  assert.equal(container?.image, "example.org/pgha:x");
  assert.deepEqual(container?.args, [
    "operator",
    "--allow-hosts=10.0.0.0/16",
    "--allow-hosts=fd00::/8",
    "--poll=60",
    "--no-leader-election",
  ]);
  assert.match(JSON.stringify(objects.find((object) => object.kind === "NetworkPolicy")), /2222/);
});

const REFUSED: Readonly<Record<string, RegExp>> = {
  "replica=2": /replica/,
  "replicas=two": /replicas/,
  "watch=some": /watch/,
  "watch={All}": /watch/,
  "allowHosts={10.0.0.1}": /allowHosts/,
  "image.digest=sha256:1": /digest/,
  "networkPolicy.sshPorts={}": /sshPorts/,
};
for (const [value, says] of Object.entries(REFUSED)) {
  test(`the schema of the values refuses ${value}`, async () => {
    await assert.rejects(templated(value), says);
  });
}

test("every value is described by the schema, and the defaults fit it", async () => {
  const schema = JSON.parse(await readFile(`${CHART}/values.schema.json`, "utf8")) as Schema;
  const [values] = objectsIn(await run("helm", ["show", "values", CHART]));
  for (const path of pathsOf(values as unknown as object, schema))
    assert.fail(`${path} is in values.yaml and not in values.schema.json`);
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

function* pathsOf(values: object, schema: Schema, path = ""): Iterable<string> {
  if (schema.properties === undefined) return;
  for (const [key, value] of Object.entries(values)) {
    const inner = schema.properties[key];
    if (inner === undefined) yield `${path}.${key}`;
    else if (typeof value === "object" && value !== null && !Array.isArray(value))
      yield* pathsOf(value as object, inner, `${path}.${key}`);
  }
}

test("the operator gets only arguments that it knows", async () => {
  const command = await readFile(`${REPOSITORY}src/cli/operator/command.ts`, "utf8");
  const text = await templated("watch=own", "allowHosts={10.0.0.0/8}", "pollSeconds=5", "concurrentHosts=7");
  const flags = [...text.matchAll(/^ +- "?(--[a-z-]+)/gm)].map(([, flag]) => flag ?? "");
  assert.deepEqual(flags, ["--namespace", "--allow-hosts", "--poll", "--concurrent-hosts"]);
  for (const flag of flags) assert.match(command, new RegExp(`${flag} <`));
});
