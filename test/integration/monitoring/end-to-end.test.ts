import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createOperatorMetrics } from "../../../src/operator/metrics.ts";
import type { OperatorMetrics } from "../../../src/operator/metrics.ts";
import { startHealthServer } from "../../../src/runtime/health-server.ts";
import type { HealthServer } from "../../../src/runtime/health-server.ts";
import { createRuntimeMetrics } from "../../../src/runtime/metrics.ts";
import type { ResourceStatus } from "../../../src/status/status.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";
import { startChild, tail } from "../../kube/child.ts";
import type { Child } from "../../kube/child.ts";
import { freePorts } from "../../kube/free-ports.ts";
import { until } from "../../kube/until.ts";
import { debianProgram } from "../manifests/debian-program.ts";
import { ruleFile } from "./rules.ts";

const LABELS = { kind: "PostgresHACluster", namespace: "db", name: "keybuzz-pg" };
let folder: string;
let server: HealthServer;
let prometheus: Child;
let url: string;
let metrics: OperatorMetrics;
let model: ModelWorld;

/** What the operator does after each look. */
async function look(): Promise<void> {
  const { statuses, looks } = await planOf(model);
  const report = statuses.get("PostgresHACluster/keybuzz-pg") as ResourceStatus;
  const away = [...(looks.get("PostgresHACluster/keybuzz-pg") ?? [])].flatMap(([host, seen]) => (seen.seen ? [] : [host]));
  metrics.seen(LABELS, report, new Set(away));
  metrics.stored(LABELS, { apiVersion: "pgha.keybuzz.io/v1alpha1", kind: LABELS.kind, metadata: { namespace: "db", name: LABELS.name, generation: report.observedGeneration }, status: report as never });
}

before(async () => {
  model = await convergedWorld();
  const runtime = createRuntimeMetrics({ processMetrics: false });
  metrics = createOperatorMetrics(runtime.registry);
  runtime.leading("pgha-operator")(true);
  runtime.queue("postgreshacluster", () => ({ depth: 0, inHandMs: [] }) as never);
  await look();
  server = await startHealthServer({ port: 0, host: "127.0.0.1", registry: runtime.registry, alive: {}, ready: {} });

  folder = await mkdtemp(join(tmpdir(), "pgha-prometheus-"));
  const { groups } = await ruleFile();
  // The rules as they are, but for patience: minutes become seconds.
  const hasty = groups.map((group) => ({ ...group, interval: "1s", rules: group.rules.map((rule) => ({ ...rule, for: "2s" })) }));
  await writeFile(join(folder, "rules.json"), JSON.stringify({ groups: hasty }));
  await writeFile(join(folder, "prometheus.json"), JSON.stringify({
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: ["rules.json"],
    // As the PodMonitor asks, and with the label that a target in Kubernetes has.
    scrape_configs: [{ job_name: "pgha-system/pgha-operator", honor_labels: true, static_configs: [{ targets: [`127.0.0.1:${server.port}`], labels: { namespace: "pgha-system" } }] }],
  }));
  const [port = 0] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  const args = [`--config.file=${join(folder, "prometheus.json")}`, `--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${port}`, "--storage.tsdb.retention.time=1h"];
  prometheus = startChild(await debianProgram("prometheus", "usr/bin/prometheus"), args, { logFile: join(folder, "log"), lifetime: "with-parent" });
  await until("Prometheus is ready", async () => (await fetch(`${url}/-/ready`)).ok, 30_000).catch((error: unknown) => {
    throw new Error(tail(join(folder, "log")), { cause: error });
  });
});
after(async () => {
  await prometheus?.stop();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
}

async function firing(): Promise<readonly Alert[]> {
  const response = await fetch(`${url}/api/v1/alerts`);
  const { data } = (await response.json()) as { readonly data: { readonly alerts: readonly Alert[] } };
  return data.alerts.filter((alert) => alert.state === "firing");
}

async function value(query: string): Promise<string | undefined> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await response.json()) as { readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] } };
  return data.result[0]?.value[1];
}

test("a healthy stack is scraped, and nothing fires", async () => {
  await until("the first scrape", async () => (await value('pgha_resource_condition{namespace="db", type="Ready", status="True"}')) === "1");
  assert.equal(await value("count(pgha_host_reachable)"), "3");
  // Longer than any of the hasty rules waits.
  const since = Number(await value("vector(time())"));
  await until("some more evaluations", async () => Number(await value("vector(time())")) > since + 4);
  assert.deepEqual(await firing(), []);
});

test("a host that is cut makes its alert fire, named; when it is back the alert resolves", async () => {
  model.host("db-slave-02").reachable = false;
  await look();
  const alerts = await until("the alert fires", async () => {
    const all = await firing();
    return all.some((alert) => alert.labels["alertname"] === "PghaHostUnreachable") ? all : undefined;
  });
  const alert = alerts.find((candidate) => candidate.labels["alertname"] === "PghaHostUnreachable");
  assert.deepEqual(alert?.labels, { alertname: "PghaHostUnreachable", severity: "warning", ...LABELS, host: "db-slave-02" });
  assert.equal(alert?.annotations["summary"], "db-slave-02 of PostgresHACluster db/keybuzz-pg cannot be reached");
  assert.deepEqual(alerts.filter(({ labels }) => labels["severity"] === "critical"), [], "clients are served all the same");

  model.host("db-slave-02").reachable = true;
  await look();
  await until("all alerts resolve", async () => (await firing()).length === 0);
});

test("a resource that is gone takes its alerts with it", async () => {
  model.host("db-slave-02").reachable = false;
  await look();
  await until("the alert fires", async () => (await firing()).length > 0);
  metrics.forget(LABELS);
  await until("all alerts resolve", async () => (await firing()).length === 0);
});

test("an operator that is gone is told of", async () => {
  await server.close();
  const [alert] = await until("the alert fires", async () => {
    const all = await firing();
    return all.length > 0 ? all : undefined;
  });
  assert.equal(alert?.labels["alertname"], "PghaOperatorInactive");
});
