import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { createOperatorMetrics } from "../../../src/operator/metrics.ts";
import { startHealthServer } from "../../../src/runtime/health-server.ts";
import { createRuntimeMetrics } from "../../../src/runtime/metrics.ts";
import type { ResourceStatus } from "../../../src/status/status.ts";
import { debianProgram } from "../../kube/debian-program.ts";
import { REPOSITORY } from "../manifests/rendered.ts";
import { alertRules } from "../../kube/alert-rules.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(await readFile(`${REPOSITORY}manifests/monitoring/dashboard.json`, "utf8")) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: unknown }[] };
};
const PANELS = dashboard.panels.filter(({ type }) => type !== "row");
/** What people ask, with Grafana's own variables filled in. */
const asked = PANELS.flatMap(({ title, targets = [] }) =>
  targets.map(
    ({ expr }) =>
      [title, expr.replaceAll("$__rate_interval", "5m").replaceAll(/\$(kind|namespace|name)/g, ".*")] as const,
  ),
);

/** Names of all metrics that the operator has, with those that a histogram is stored as. */
async function metricNames(): Promise<ReadonlySet<string>> {
  const { registry } = createRuntimeMetrics();
  createOperatorMetrics(registry);
  const metrics = await registry.getMetricsAsJSON();
  return new Set(
    metrics.flatMap(({ name, type }) =>
      String(type) === "histogram" ? ["_bucket", "_count", "_sum"].map((suffix) => name + suffix) : [name],
    ),
  );
}

function metricsIn(expression: string): readonly string[] {
  return (
    expression.match(/\b(?:pgha|controller_runtime|workqueue|leader_election|rest_client|process|nodejs)_\w+/g) ?? []
  );
}

test("alerts and panels ask for metrics that the operator has", async () => {
  const known = await metricNames();
  for (const [where, expression] of [
    ...(await alertRules()).map(({ alert, expr }) => [alert, expr] as const),
    ...asked,
  ]) {
    assert.ok(metricsIn(expression).length > 0, `${where} asks for nothing of ours`);
    assert.deepEqual(
      metricsIn(expression).filter((name) => !known.has(name)),
      [],
      where,
    );
  }
});

test("every metric of pgha's own is in an alert or on the dashboard", async () => {
  const text = JSON.stringify([await alertRules(), dashboard]);
  const own = [...(await metricNames())].filter((name) => name.startsWith("pgha_") && !name.endsWith("_sum"));
  assert.deepEqual(
    own.filter((name) => !text.includes(name)),
    [],
  );
});

test("every panel's query is sound", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pgha-dashboard-"));
  try {
    const rules = asked.map(([, expr], index) => ({ record: `panel:${index}`, expr }));
    await writeFile(join(folder, "panels.json"), JSON.stringify({ groups: [{ name: "panels", rules }] }));
    await promisify(execFile)(await debianProgram("prometheus", "usr/bin/promtool"), [
      "check",
      "rules",
      join(folder, "panels.json"),
    ]);
  } finally {
    removeFolder(folder);
  }
});

/** The page as a scrape gets it, with a value of everything that a busy operator has. */
async function busyPage(): Promise<string> {
  const runtime = createRuntimeMetrics();
  const { registry } = runtime;
  const metrics = createOperatorMetrics(registry);
  const labels = { kind: "PostgresHACluster", namespace: "db", name: "keybuzz-pg" };
  const statuses = (await planOf(await convergedWorld())).statuses;
  const report = statuses.get("PostgresHACluster/keybuzz-pg") as ResourceStatus;
  const metadata = { namespace: "db", name: labels.name, generation: 1 };
  const slots = { active: 2, inactive: 1, inactiveRetainedBytes: 1 };
  const measured = { name: "db-master-01", pendingRestart: false, connections: 3, maximumConnections: 100, slots };
  const { cluster } = report;
  const behind = { name: "db-slave-01", role: "replica", state: "streaming", lagBytes: 1, pendingRestart: false };
  const voting = { voters: 3, connected: 3, quorum: 2, mayFail: 1 };
  const seen = {
    ...report,
    hosts: report.hosts.map((host) => ({ ...host, upgrades: { patroni: "99" } })),
    measured: {
      hosts: (report.measured?.hosts ?? []).map((host) => ({ ...host, needsReboot: false })),
      members: [measured],
    },
    ...(cluster === undefined ? {} : { cluster: { ...cluster, voting, members: [...cluster.members, behind] } }),
  };
  metrics.seen(labels, seen, new Set());
  metrics.stored(labels, {
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind: labels.kind,
    metadata,
    status: report as never,
  });
  metrics.succeeded(labels, Date.now());
  metrics.applied("write-file");
  metrics.shells.ran(0.1);
  metrics.shells.failed("HostUnreachable");
  const controller = runtime.controller("pgha-stack", 1);
  controller.started();
  controller.finished("error", 0.1, true);
  const queue = runtime.queue("pgha-stack", () => ({ depth: 0, delayed: 0, inHandMs: [] }));
  queue.added?.();
  queue.retried?.();
  queue.taken?.(1);
  queue.finished?.(1);
  runtime.apiAnswer("127.0.0.1")("GET", "200");
  runtime.leading("pgha-operator")(true);
  runtime.watchEnded("secrets")("expired");
  const server = await startHealthServer({ port: 0, host: "127.0.0.1", registry, alive: {}, ready: {} });
  try {
    return await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  } finally {
    await server.close();
  }
}

test("promtool finds nothing wrong with the whole page of metrics", async () => {
  const page = await busyPage();
  const written = new Set(page.match(/^\w+/gm));
  const own = [...(await metricNames())].filter((name) => name.startsWith("pgha_"));
  const without = own.filter((name) => !written.has(name));
  assert.deepEqual(without, [], "each has a value");
  const checked = promisify(execFile)(await debianProgram("prometheus", "usr/bin/promtool"), ["check", "metrics"]);
  checked.child.stdin?.end(page);
  const { stdout, stderr } = await checked.catch((error: { stdout: string; stderr: string }) => error);
  assert.equal(stdout + stderr, "");
});

test("no two panels have one id or lie over each other", () => {
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  for (const [index, { title, gridPos: one }] of PANELS.entries()) {
    assert.ok(one.x + one.w <= 24, title);
    for (const { title: other, gridPos: two } of PANELS.slice(index + 1)) {
      assert.ok(
        one.x + one.w <= two.x || two.x + two.w <= one.x || one.y + one.h <= two.y || two.y + two.h <= one.y,
        `${title} and ${other}`,
      );
    }
  }
});
