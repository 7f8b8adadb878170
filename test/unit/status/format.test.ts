import assert from "node:assert/strict";
import { test } from "node:test";
import { allReady, formatStatuses } from "../../../src/status/format.ts";
import type { Reason } from "../../../src/reasons.ts";
import type { StatusFormat } from "../../../src/status/format.ts";
import { statusDocument } from "../../../src/status/format-json.ts";
import type { Condition, ResourceStatus } from "../../../src/status/status.ts";
import { styleFor } from "../../../src/text/style.ts";

const condition = (
  type: Condition["type"],
  status: Condition["status"],
  reason: Reason,
  message: string,
): Condition => ({ type, status, reason, message, observedGeneration: 0 });

const CLUSTER: ResourceStatus = {
  observedGeneration: 0,
  phase: "Degraded",
  message: "db-3 can't be reached",
  conditions: [
    condition("Ready", "False", "HostUnreachable", "db-3 can't be reached: connection refused"),
    condition("Available", "True", "Serving", "clients are served"),
    condition("ReplicationHealthy", "Unknown", "HostUnreachable", "db-3 can't be asked"),
    condition("Progressing", "True", "Waiting", "waiting for db-3"),
    condition("Degraded", "False", "AsApplied", "nothing is broken"),
  ],
  endpoints: [],
  hosts: [
    { name: "db-1", address: "10.77.0.11", state: "Ready", versions: { postgresql: "17.6", patroni: "4.0.7" } },
    { name: "db-2", address: "10.77.0.12", state: "Ready", versions: {} },
    { name: "db-3", address: "10.77.0.13", state: "Unreachable", versions: {}, message: "connection\nrefused" },
  ],
  cluster: {
    scope: "pg",
    undeclared: [],
    leader: "db-1",
    systemId: "7431",
    timeline: 3,
    members: [
      { name: "db-1", role: "primary", state: "running", timeline: 3, pendingRestart: true },
      {
        name: "db-2",
        role: "replica",
        state: "streaming",
        timeline: 3,
        lagBytes: 12_288,
        pendingRestart: false,
        version: "17.6",
      },
      { name: "db-9", role: "replica", state: "stopped", pendingRestart: false },
    ],
  },
  plan: Array.from({ length: 10 }, (_, index) => `step ${index + 1}`),
  waiting: { for: "db-3 to answer over SSH", until: "2026-01-01T00:00:00Z" },
};

const POOL: ResourceStatus = {
  observedGeneration: 0,
  phase: "Ready",
  message: "",
  conditions: [condition("Ready", "True", "AsApplied", "all is as the manifest asks")],
  endpoints: [
    { purpose: "pooled", address: "10.77.0.21", port: 6432 },
    { purpose: "pooled", address: "fd00::22", port: 6432 },
  ],
  hosts: [{ name: "proxy-1", address: "10.77.0.21", state: "Ready", versions: { pgbouncer: "1.24.1" } }],
  plan: [],
};

const STATUSES = new Map([
  ["PostgresHACluster/pg", CLUSTER],
  ["PgBouncerPool/pool", POOL],
]);
const plainly = (more: Partial<StatusFormat> = {}): string =>
  formatStatuses(STATUSES, {
    style: styleFor(false),
    columns: 100,
    allConditions: false,
    secretsFolder: ".pgha/secrets",
    ...more,
  });

test("the status tells of every host, names what is wrong, and where clients connect", () => {
  assert.equal(
    plainly(),
    `\
PostgresHACluster/pg  ○ Degraded
  db-3 can't be reached
  scope pg · leader db-1 · timeline 3 · system 7431
  HOST  ADDRESS     STATE                ROLE     POSTGRESQL  TIMELINE  LAG      VERSIONS                        NOTE
  db-1  10.77.0.11  Ready                leader   running     3                  postgresql 17.6, patroni 4.0.7  restart pending
  db-2  10.77.0.12  Ready                replica  streaming   3         12 KiB   17.6
  db-3  10.77.0.13  Unreachable                                                                                  connection refused
  db-9              not in the manifest  replica  stopped               unknown
  ✗ Ready               db-3 can't be reached: connection refused [HostUnreachable]
  ? ReplicationHealthy  db-3 can't be asked [HostUnreachable]
  ~ Progressing         [Waiting]
  … waiting for db-3 to answer over SSH, until 2026-01-01T00:00:00Z
  to do next
    step 1
    step 2
    step 3
    and 7 more: pgha plan shows them

PgBouncerPool/pool  ● Ready
  HOST     ADDRESS     STATE  VERSIONS
  proxy-1  10.77.0.21  Ready  pgbouncer 1.24.1

Clients connect to
  FOR                  AT                                THROUGH
  everything (pooled)  10.77.0.21:6432, [fd00::22]:6432  PgBouncerPool/pool
  logins and passwords: .pgha/secrets
`,
  );
});

test("conditions that are as they should be are shown when asked for", () => {
  const text = plainly({ allConditions: true });
  assert.match(text, /✓ Available {11}clients are served \[Serving\]/);
  assert.match(text, /✓ Degraded {12}nothing is broken \[AsApplied\]/);
});

test("an endpoint that nobody serves yet is marked, and a message without end is cut", () => {
  const message = Array.from({ length: 90 }, (_, index) => `host-${index}`).join(" ");
  const idle: ResourceStatus = { ...POOL, conditions: [condition("Available", "False", "NotServing", message)] };
  const shown = (allConditions: boolean) =>
    formatStatuses(new Map([["PgBouncerPool/pool", idle]]), {
      style: styleFor(false),
      columns: 100,
      allConditions,
      secretsFolder: undefined,
    });
  assert.match(shown(false), /PgBouncerPool\/pool {2}not serving\n/);
  assert.match(shown(false), /✗ Available {2}host-0 [\s\S]* {15}… in full with --all\n\n/);
  assert.ok(!shown(false).includes("host-89") && shown(true).includes("host-89"));
});

test("one resource that is not Ready makes the whole not ready", () => {
  assert.equal(allReady(STATUSES), false);
  assert.equal(allReady(new Map([["PgBouncerPool/pool", POOL]])), true);
});

test("colour adds nothing but colour, and hosts cannot add theirs", () => {
  const format: StatusFormat = { style: styleFor(true), columns: 100, allConditions: true, secretsFolder: undefined };
  // oxlint-disable-next-line no-control-regex -- escape sequences are what is taken out
  const uncoloured = formatStatuses(STATUSES, format).replaceAll(/\u001B\[\d+m/g, "");
  assert.equal(uncoloured, plainly({ allConditions: true, secretsFolder: undefined }));
  const hostile = "x\u001B[2Jy";
  const members = [{ ...CLUSTER.cluster!.members[0]!, name: hostile, state: hostile, role: hostile, version: hostile }];
  const host = { ...CLUSTER.hosts[0]!, state: hostile, message: hostile, versions: { patroni: hostile } };
  const status: ResourceStatus = {
    ...CLUSTER,
    cluster: { ...CLUSTER.cluster!, members },
    message: hostile,
    hosts: [host],
    plan: [hostile],
    conditions: [condition("Ready", "False", "Waiting", hostile)],
    waiting: { for: hostile, until: "" },
  };
  assert.ok(!formatStatuses(new Map([["PostgresHACluster/pg", status]]), format).includes("\u001B[2J"));
});

test("the document for programs reads like a list of Kubernetes resources", () => {
  assert.deepEqual(statusDocument(new Map([["PgBouncerPool/pool", POOL]]), true), {
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind: "StatusList",
    ready: true,
    items: [{ kind: "PgBouncerPool", metadata: { name: "pool" }, status: POOL }],
    warnings: [],
  });
});

test("one sentence is said once, and a place where nobody answers is marked", () => {
  const lost = "clients are not served: no member is known to lead; db-1 and db-2 cannot be reached";
  const status: ResourceStatus = {
    ...CLUSTER,
    message: lost,
    conditions: [
      condition("Ready", "False", "HostUnreachable", lost),
      condition("Available", "False", "NoLeader", "no member is known to lead"),
      condition("Progressing", "True", "Waiting", "waiting for a leader"),
      condition("Reconciling", "True", "HostUnreachable", lost),
      condition("Degraded", "True", "NotServing", "db-1 and db-2 cannot be reached; waiting for a leader"),
    ],
    endpoints: [
      { purpose: "direct", address: "10.77.0.12", port: 5432 },
      { purpose: "direct", address: "10.77.0.13", port: 5432 },
    ],
    plan: [],
    waiting: { for: "a leader" },
  };
  const text = formatStatuses(new Map([["PostgresHACluster/pg", status]]), {
    style: styleFor(false),
    columns: 200,
    allConditions: false,
    secretsFolder: undefined,
  });
  for (const sentence of ["no member is known to lead", "db-1 and db-2 cannot be reached"])
    assert.equal(text.split(sentence).length, 2, text);
  assert.match(text, /10\.77\.0\.12:5432, 10\.77\.0\.13:5432 \(Unreachable\)/);
});

test("a proxy that leads to no leader is marked where clients write, not where they read", () => {
  const status: ResourceStatus = {
    observedGeneration: 1,
    phase: "Blocked",
    message: "",
    hosts: [{ name: "lb-1", address: "10.0.0.1", state: "NoWriteServer", versions: {} }],
    conditions: [],
    endpoints: ["write", "read", "stats"].map((purpose, index) => ({
      purpose,
      address: "10.0.0.1",
      port: 5000 + index,
    })),
    plan: [],
  };
  const format = { style: styleFor(false), columns: 200, allConditions: false, secretsFolder: undefined };
  const text = formatStatuses(new Map([["HAProxyPool/lb", status]]), format);
  assert.match(text, /10\.0\.0\.1:5000 \(NoWriteServer\)/);
  assert.doesNotMatch(text, /500[12] \(/);
});
