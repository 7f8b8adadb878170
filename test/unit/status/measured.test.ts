import assert from "node:assert/strict";
import { test } from "node:test";
import { Registry } from "prom-client";
import { createOperatorMetrics } from "../../../src/operator/metrics.ts";
import { storedStatus } from "../../../src/operator/status/stored-status.ts";
import type { SqlFact } from "../../../src/facts/types.ts";
import { measuredHost, measuredMember, notable } from "../../../src/status/measured.ts";
import type { ResourceStatus } from "../../../src/status/status.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";

const SYSTEM = { rootSizeMiB: 1000, rootFreeMiB: 500, clockOffsetMs: 20 } as Parameters<typeof measuredHost>[1];
const MOUNT = { mounted: true, filesystem: "xfs", source: "", uuid: "u", sizeMiB: 2000, freeMiB: 1000 } as const;
const SQL = {
  health: {
    synchronousStandbys: "",
    replayPaused: false,
    connections: 50,
    maximumConnections: 100,
    slots: [
      { name: "db_2", active: true, retainedBytes: 9e12 },
      { name: "gone", active: false, retainedBytes: 6 * 1024 ** 3 },
      { name: "new", active: false },
    ],
  },
} as unknown as SqlFact;

test("a slot with a reader may keep what it likes; the hungriest without one counts", () =>
  assert.deepEqual(measuredMember("db-1", SQL, true), {
    name: "db-1",
    pendingRestart: true,
    connections: 50,
    maximumConnections: 100,
    slots: { active: 1, inactive: 2, inactiveRetainedBytes: 6 * 1024 ** 3 },
  }));

test("PostgreSQL that does not answer has no figures", () =>
  assert.equal(measuredMember("db-1", undefined, false), undefined));

test("people are shown what is past its limit, and nothing else", () => {
  const quiet = measuredHost("db-1", SYSTEM, MOUNT);
  assert.deepEqual(notable(quiet, undefined), []);
  const loud = measuredHost("db-1", { ...SYSTEM, rootFreeMiB: 100, clockOffsetMs: -1500 }, { ...MOUNT, freeMiB: 40 });
  const member = measuredMember("db-1", { ...SQL, health: { ...SQL.health!, connections: 95 } }, false);
  assert.deepEqual(notable(loud, member), [
    "/ 90 % full",
    "data volume 98 % full",
    "clock -1.5 s off",
    "95 of 100 connections taken",
    "a slot without a reader keeps 6 GiB of WAL",
  ]);
});

const LABELS = { kind: "PostgresHACluster", namespace: "db", name: "keybuzz-pg" };

async function seriesOf(report: ResourceStatus, forget = false): Promise<string> {
  const registry = new Registry();
  const metrics = createOperatorMetrics(registry);
  metrics.seen(LABELS, report, new Set());
  if (forget) metrics.forget(LABELS);
  return registry.metrics();
}

test("hosts and members that answered have series, the others have none, and all go with the resource", async () => {
  const model = await convergedWorld();
  model.host("db-slave-02").reachable = false;
  const report = (await planOf(model)).statuses.get("PostgresHACluster/keybuzz-pg");
  assert.ok(report !== undefined);
  const series = await seriesOf(report);
  assert.match(series, /pgha_host_clock_offset_seconds\{.*host="db-slave-01"\} /);
  assert.match(series, /pgha_host_disk_bytes\{.*host="db-slave-01",volume="data"\} \d+/);
  assert.match(series, /pgha_cluster_patroni_paused\{.*\} 0/);
  assert.match(series, /pgha_cluster_failover_candidates\{.*\} \d/);
  assert.doesNotMatch(series, /db-slave-02",volume|clock_offset_seconds\{.*db-slave-02|pgha_member_.*db-slave-02/);
  assert.doesNotMatch(await seriesOf(report, true), /^pgha_(host|member|cluster)_.*\{/m);
});

test("figures that move all the time are not stored, or each look would write a status", async () => {
  const report = (await planOf(await convergedWorld())).statuses.get("PostgresHACluster/keybuzz-pg");
  assert.ok(report?.measured !== undefined);
  assert.doesNotMatch(
    JSON.stringify(storedStatus("PostgresHACluster", report, undefined, 0)),
    /measured|clockOffset|connections/,
  );
});
