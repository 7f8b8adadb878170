import assert from "node:assert/strict";
import { test } from "node:test";
import { Gauge, Registry } from "prom-client";
import { createRuntimeMetrics } from "../../../src/runtime/metrics.ts";
import { PatientRegistry } from "../../../src/runtime/patient-registry.ts";
import { createResourceGauge } from "../../../src/runtime/resource-gauge.ts";

test("everything that dashboards know is there from the start, at zero", async () => {
  const metrics = createRuntimeMetrics({ processMetrics: false });
  metrics.controller("thing", 4);
  metrics.queue("thing", () => ({ depth: 0, delayed: 0, inHandMs: [] }));
  metrics.leading("operator");
  const text = await metrics.registry.metrics();
  for (const line of [
    'controller_runtime_reconcile_total{controller="thing",result="success"} 0',
    'controller_runtime_reconcile_errors_total{controller="thing"} 0',
    'controller_runtime_active_workers{controller="thing"} 0',
    'controller_runtime_max_concurrent_reconciles{controller="thing"} 4',
    'workqueue_depth{name="thing",controller="thing"} 0',
    'workqueue_adds_total{name="thing",controller="thing"} 0',
    'workqueue_retries_total{name="thing",controller="thing"} 0',
    'workqueue_unfinished_work_seconds{name="thing",controller="thing"} 0',
    'workqueue_longest_running_processor_seconds{name="thing",controller="thing"} 0',
    'leader_election_master_status{name="operator"} 0',
  ]) {
    assert.ok(text.includes(`${line}\n`), `${line} is missing`);
  }
});

test("what is in hand is asked when Prometheus asks", async () => {
  const metrics = createRuntimeMetrics({ processMetrics: false });
  const inHandMs: number[] = [];
  metrics.queue("thing", () => ({ depth: 7, delayed: 1, inHandMs }));
  inHandMs.push(1_500, 500);
  const text = await metrics.registry.metrics();
  assert.match(text, /workqueue_depth\{.*\} 7\n/);
  assert.match(text, /workqueue_unfinished_work_seconds\{.*\} 2\n/);
  assert.match(text, /workqueue_longest_running_processor_seconds\{.*\} 1.5\n/);
});

test("answers of the API server, leading and ends of watches are counted", async () => {
  const metrics = createRuntimeMetrics({ processMetrics: false });
  metrics.apiAnswer("127.0.0.1:6443")("GET", "200");
  metrics.leading("operator")(true);
  metrics.watchEnded("secrets")("gone");
  const text = await metrics.registry.metrics();
  assert.match(text, /rest_client_requests_total\{code="200",method="GET",host="127.0.0.1:6443"\} 1/);
  assert.match(text, /leader_election_master_status\{name="operator"\} 1/);
  assert.match(text, /pgha_watch_restarts_total\{resource="secrets",why="gone"\} 1/);
});

const THING = { kind: "Thing", namespace: "here", name: "a" };

function conditions(registry: Registry) {
  return createResourceGauge(registry, {
    name: "pgha_resource_condition",
    help: "Conditions.",
    labelNames: ["type", "status"],
  });
}

test("series of a resource are replaced by its next ones and vanish with it", async () => {
  const registry = new Registry();
  const gauge = conditions(registry);
  const a = THING;
  gauge.set(a, [{ labels: { type: "Ready", status: "True" }, value: 1 }]);
  gauge.set({ ...a, name: "b" }, [{ labels: { type: "Ready", status: "True" }, value: 1 }]);
  gauge.set(a, [{ labels: { type: "Ready", status: "False" }, value: 1 }]);
  const series = async (): Promise<readonly string[]> =>
    (await registry.metrics())
      .split("\n")
      .filter((line) => line.startsWith("pgha_"))
      .toSorted();
  assert.deepEqual(await series(), [
    'pgha_resource_condition{kind="Thing",namespace="here",name="a",type="Ready",status="False"} 1',
    'pgha_resource_condition{kind="Thing",namespace="here",name="b",type="Ready",status="True"} 1',
  ]);
  gauge.forget(a);
  assert.deepEqual(await series(), [
    'pgha_resource_condition{kind="Thing",namespace="here",name="b",type="Ready",status="True"} 1',
  ]);
});

test("what is written of a resource is what a registry would write, whatever is in its labels", async () => {
  const [own, theirs] = [new PatientRegistry(), new Registry()];
  const gauge = conditions(own);
  const labels = { type: 'a "quoted" \\ and\nbroken word', status: "" };
  const values = [0, -1.5, 1e21, Infinity, -Infinity, Number.NaN];
  gauge.set(
    THING,
    values.map((value, index) => ({ labels: { ...labels, status: String(index) }, value })),
  );
  const plain = new Gauge({
    name: "pgha_resource_condition",
    help: "Conditions.",
    labelNames: ["kind", "namespace", "name", "type", "status"],
    registers: [theirs],
  });
  for (const [index, value] of values.entries()) plain.set({ ...THING, ...labels, status: String(index) }, value);
  assert.equal(await own.metrics(), await theirs.metrics());
  const asked = new Registry();
  asked.registerMetric(own.getSingleMetric("pgha_resource_condition") as Gauge);
  assert.equal(await asked.metrics(), await theirs.metrics(), "another registry asks for it");
  gauge.forget(THING);
  plain.reset();
  assert.equal(await own.metrics(), await theirs.metrics());
});

test("others have their turn between two metrics", async () => {
  const registry = new PatientRegistry();
  const written: string[] = [];
  for (const name of ["first", "second"])
    new Gauge({ name, help: "Thing.", registers: [registry], collect: () => void written.push(name) });
  const turn = new Promise<void>((resolve) => setImmediate(() => resolve(void written.push("another"))));
  await Promise.all([registry.metrics(), turn]);
  assert.deepEqual(written, ["first", "another", "second"]);
});
