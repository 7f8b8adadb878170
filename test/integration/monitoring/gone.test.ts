import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createOperatorMetrics } from "../../../src/operator/metrics.ts";
import type { OperatorMetrics } from "../../../src/operator/metrics.ts";
import { startHealthServer } from "../../../src/runtime/health-server.ts";
import type { HealthServer } from "../../../src/runtime/health-server.ts";
import { createRuntimeMetrics } from "../../../src/runtime/metrics.ts";
import type { ResourceStatus } from "../../../src/status/status.ts";
import { startPrometheus } from "../../kube/prometheus.ts";
import type { Prometheus } from "../../kube/prometheus.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";

const LABELS = { kind: "PostgresHACluster", namespace: "db", name: "keybuzz-pg" };
let server: HealthServer;
let prometheus: Prometheus;
let metrics: OperatorMetrics;

before(async () => {
  const runtime = createRuntimeMetrics({ processMetrics: false });
  metrics = createOperatorMetrics(runtime.registry);
  runtime.leading("pgha-operator")(true);
  runtime.queue("pgha-stack", () => ({ depth: 0, inHandMs: [] }) as never);
  server = await startHealthServer({ port: 0, host: "127.0.0.1", registry: runtime.registry, alive: {}, ready: {} });
  prometheus = await startPrometheus(`127.0.0.1:${server.port}`);
});
after(async () => {
  await prometheus?.stop();
  await server?.close();
});

test("a resource that is gone takes its alerts with it", async () => {
  const model = await convergedWorld();
  model.host("db-slave-02").reachable = false;
  const report = (await planOf(model)).statuses.get("PostgresHACluster/keybuzz-pg") as ResourceStatus;
  metrics.seen(LABELS, report, new Set(["db-slave-02"]));
  metrics.stored(LABELS, {
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind: LABELS.kind,
    metadata: { namespace: "db", name: LABELS.name, generation: report.observedGeneration },
    status: report as never,
  });
  await prometheus.untilFiring("PghaHostUnreachable");
  metrics.forget(LABELS);
  await prometheus.untilQuiet();
});

test("an operator that is gone is told of", async () => {
  await server.close();
  const [alert, ...others] = await prometheus.untilFiring("PghaOperatorInactive");
  assert.equal(alert?.labels["alertname"], "PghaOperatorInactive");
  assert.deepEqual(others, []);
});
