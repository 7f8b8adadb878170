import { collectDefaultMetrics, Counter, Gauge, Histogram } from "prom-client";
import type { Registry } from "prom-client";
import { PatientRegistry } from "./patient-registry.ts";
import type { WatchEnd } from "./reflector.ts";
import type { QueueObserver, QueueState } from "./work-queue.ts";

/**
 * What the runtime counts, under the names that controller-runtime and client-go gave these things
 * (https://book.kubebuilder.io/reference/metrics-reference), so that existing dashboards and alerts fit.
 */
export interface RuntimeMetrics {
  readonly registry: Registry;
  controller(name: string, concurrency: number): ControllerMetrics;
  /** The state of the queue is asked when Prometheus asks. */
  queue(controller: string, inspect: () => QueueState): QueueObserver;
  apiAnswer(host: string): (method: string, code: string) => void;
  leading(lease: string): (isLeading: boolean) => void;
  watchEnded(resource: string): (why: WatchEnd) => void;
}

/** The values of the label `result`. */
export type ReconcileLabel = "success" | "error" | "requeue" | "requeue_after";

export interface ControllerMetrics {
  started(): void;
  /** A terminal error is one that is not tried again until something changes. */
  finished(result: ReconcileLabel, seconds: number, isTerminal?: boolean): void;
}

export interface MetricsOptions {
  /** Also process_* and nodejs_*. Default true. */
  readonly processMetrics?: boolean;
}

const RECONCILE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const QUEUE_BUCKETS = [0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000];

export function createRuntimeMetrics(options: MetricsOptions = {}): RuntimeMetrics {
  const registry = new PatientRegistry();
  if (options.processMetrics ?? true) collectProcessMetrics(registry);
  const registers = [registry];
  const reconciles = new Counter({
    registers,
    name: "controller_runtime_reconcile_total",
    help: "Reconciliations by controller and result.",
    labelNames: ["controller", "result"] as const,
  });
  const byController = { registers, labelNames: ["controller"] as const };
  const errors = new Counter({
    ...byController,
    name: "controller_runtime_reconcile_errors_total",
    help: "Reconciliations that failed.",
  });
  const terminal = new Counter({
    ...byController,
    name: "controller_runtime_terminal_reconcile_errors_total",
    help: "Reconciliations that failed until a person acts.",
  });
  const seconds = new Histogram({
    ...byController,
    name: "controller_runtime_reconcile_time_seconds",
    help: "How long reconciliations took.",
    buckets: RECONCILE_BUCKETS,
  });
  const active = new Gauge({
    ...byController,
    name: "controller_runtime_active_workers",
    help: "Workers that are reconciling.",
  });
  const concurrent = new Gauge({
    ...byController,
    name: "controller_runtime_max_concurrent_reconciles",
    help: "Workers there are.",
  });
  const requests = new Counter({
    registers,
    name: "rest_client_requests_total",
    help: "Answers of the API server by status, method and host.",
    labelNames: ["code", "method", "host"] as const,
  });
  const leader = new Gauge({
    registers,
    name: "leader_election_master_status",
    help: "1 while this replica leads.",
    labelNames: ["name"] as const,
  });
  const watches = new Counter({
    registers,
    name: "pgha_watch_restarts_total",
    help: "Watches that ended and were started again, by resource and why (expired is the ordinary end).",
    labelNames: ["resource", "why"] as const,
  });
  const queues = queueMetrics(registry);

  return {
    registry,
    controller(controller, concurrency) {
      concurrent.set({ controller }, concurrency);
      active.set({ controller }, 0);
      errors.inc({ controller }, 0);
      terminal.inc({ controller }, 0);
      for (const result of ["success", "error", "requeue", "requeue_after"]) reconciles.inc({ controller, result }, 0);
      return {
        started: () => active.inc({ controller }),
        finished(result, duration, isTerminal = false) {
          active.dec({ controller });
          reconciles.inc({ controller, result });
          seconds.observe({ controller }, duration);
          if (result === "error") errors.inc({ controller });
          if (isTerminal) terminal.inc({ controller });
        },
      };
    },
    queue: queues,
    apiAnswer: (host) => (method, code) => requests.inc({ code, method, host }),
    leading(name) {
      leader.set({ name }, 0);
      return (isLeading) => leader.set({ name }, isLeading ? 1 : 0);
    },
    watchEnded: (resource) => (why) => watches.inc({ resource, why }),
  };
}

/**
 * Without the gauges whose names say that they are counters, which promtool refuses; nodejs_active_handles and its like
 * have the same by type.
 */
function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const { name } of registry.getMetricsAsArray())
    if (name.endsWith("_total") && registry.getSingleMetric(name) instanceof Gauge) registry.removeSingleMetric(name);
}

function queueMetrics(registry: Registry): RuntimeMetrics["queue"] {
  const states = new Map<string, () => QueueState>();
  const labelNames = ["name", "controller"] as const;
  const common = { registers: [registry], labelNames };
  const adds = new Counter({ ...common, name: "workqueue_adds_total", help: "Keys added." });
  const retries = new Counter({
    ...common,
    name: "workqueue_retries_total",
    help: "Keys added again after a failure.",
  });
  const waited = new Histogram({
    ...common,
    name: "workqueue_queue_duration_seconds",
    help: "How long a key waited for a worker.",
    buckets: QUEUE_BUCKETS,
  });
  const worked = new Histogram({
    ...common,
    name: "workqueue_work_duration_seconds",
    help: "How long a key was worked on.",
    buckets: QUEUE_BUCKETS,
  });
  const stateGauge = (name: string, help: string, value: (state: QueueState) => number): void => {
    const gauge = new Gauge({
      ...common,
      name,
      help,
      collect() {
        for (const [controller, inspect] of states) gauge.set({ name: controller, controller }, value(inspect()));
      },
    });
  };
  stateGauge("workqueue_depth", "Keys that wait for a worker.", (state) => state.depth);
  stateGauge(
    "workqueue_unfinished_work_seconds",
    "Age of all work in hand together; grows while something is stuck.",
    ({ inHandMs }) => sum(inHandMs) / 1000,
  );
  stateGauge(
    "workqueue_longest_running_processor_seconds",
    "Age of the oldest work in hand.",
    ({ inHandMs }) => Math.max(0, ...inHandMs) / 1000,
  );

  return (controller, inspect) => {
    const labels = { name: controller, controller };
    states.set(controller, inspect);
    adds.inc(labels, 0);
    retries.inc(labels, 0);
    return {
      added: () => adds.inc(labels),
      retried: () => retries.inc(labels),
      taken: (milliseconds) => waited.observe(labels, milliseconds / 1000),
      finished: (milliseconds) => worked.observe(labels, milliseconds / 1000),
    };
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
