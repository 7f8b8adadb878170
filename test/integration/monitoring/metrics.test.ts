import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { createOperatorMetrics } from "../../../src/operator/metrics.ts";
import { createRuntimeMetrics } from "../../../src/runtime/metrics.ts";
import { debianProgram } from "../../kube/debian-program.ts";
import { REPOSITORY } from "../manifests/rendered.ts";
import { alertRules } from "../../kube/alert-rules.ts";

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
    await rm(folder, { recursive: true, force: true });
  }
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
