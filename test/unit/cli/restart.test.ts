import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan, Step } from "../../../src/plan/plan.ts";
import { restartPart } from "../../../src/cli/restart/part.ts";
import { soundStack } from "../api/stack.ts";
import { NOTHING } from "../plan/example-plan.ts";
import { pgha } from "./fake-environment.ts";
import { fakeEngine } from "./fake-services.ts";
import { manifestFolder } from "./manifest-folder.ts";

const CLUSTER = "PostgresHACluster/pg";
const step = (id: string, change: Step["change"], resource = CLUSTER): Step => ({
  id,
  resource,
  host: "db-1",
  stage: "settle",
  impact: "restart",
  because: "it was asked for",
  change,
});
const RESTART = step("restart", {
  kind: "restart-member",
  member: "db-1",
  url: "http://10.0.0.1:8008",
  role: "replica",
  onlyPending: false,
  dataDirectory: "/data/pgdata",
  postmaster: "1 2",
  startSeconds: 60,
});
const PATCH = step("patch", { kind: "patch-dynamic-configuration", url: "u", patch: {} });

test("of a plan only the restart is taken, with what has to come first and what is in its way", () => {
  const blocker = { reason: "PendingRestart", why: "x", wayOut: "y" } as const;
  const plan: Plan = {
    ...NOTHING,
    steps: [RESTART, step("other", { kind: "restart-unit", unit: "pgbouncer" }, "PgBouncerPool/p")],
    blockers: [
      { ...blocker, resource: CLUSTER, scope: "nothing" },
      { ...blocker, resource: CLUSTER, scope: "host", host: "db-2" },
      { ...blocker, resource: "PgBouncerPool/p", scope: "host" },
      { ...blocker, resource: "PgBouncerPool/p", scope: "everything" },
    ],
  };
  const part = restartPart(plan, new Set([CLUSTER]));
  assert.deepEqual(part.steps, [RESTART]);
  assert.deepEqual(
    part.blockers.map(({ resource, scope }) => `${resource} ${scope}`),
    [`${CLUSTER} host`, "PgBouncerPool/p everything"],
  );
});

test("a member that no manifest names is refused before anything is looked at", async (context) => {
  const workingDirectory = manifestFolder(context);
  const { services, calls } = fakeEngine();
  const { code, stderr } = await pgha(["restart", "db-9"], { workingDirectory, services });
  assert.equal(code, 1);
  assert.match(stderr, /no cluster of the manifests has a member db-9/);
  assert.deepEqual(calls, []);
});

test("what restarts is shown and asked about once; nothing to restart asks nothing", async (context) => {
  const workingDirectory = manifestFolder(context);
  const steps = [{ ...RESTART, resource: soundCluster() }];
  const asked = fakeEngine({ plan: { ...NOTHING, steps } });
  const terminal = { workingDirectory, terminal: true, variables: { NO_COLOR: "1" } };
  const { code, stdout } = await pgha(["restart", "--pending"], {
    ...terminal,
    services: asked.services,
    typed: "n\n",
  });
  assert.equal(code, 1);
  assert.match(stdout, /restart PostgreSQL \(replica\) \[restart\][^]*Go on\? \[y\/N\] [^]*Nothing was changed/);
  const none = fakeEngine();
  const { code: fine, stdout: said, stderr } = await pgha(["restart"], { ...terminal, services: none.services });
  assert.deepEqual([fine, none.calls.includes("approved")], [0, true]);
  assert.match(said + stderr, /No member waits for a restart/);
});

test(
  "it is refused while settings are still to be given to Patroni: the restart would have to be " + "done again",
  async (context) => {
    const workingDirectory = manifestFolder(context);
    const { services, calls } = fakeEngine({ plan: { ...NOTHING, steps: [{ ...PATCH, resource: soundCluster() }] } });
    const { code, stderr } = await pgha(["restart", "--yes"], { workingDirectory, services });
    assert.equal(code, 1);
    assert.match(stderr, /was not given yet[^]*pgha apply/);
    assert.ok(!calls.includes("approved"));
  },
);

test("what is left of a restart is taken back, of one member or of all, with no host looked at", async (context) => {
  const workingDirectory = manifestFolder(context);
  const { services, calls, store } = fakeEngine();
  const { kind, metadata, spec } = soundStack().cluster;
  const [first = "", second = "", third = ""] = spec.hosts.map(({ name }) => name);
  const members = [first, second, third].map((name) => ({ name, asked: true, postmaster: "1 2" }));
  const operation = { id: "pgha apply", kind: "restart", since: "2026-11-29T12:00:00Z", members } as const;
  await store.writeRecord(kind, metadata.name, { hosts: {}, systemId: "7", operation });
  const cancel = async (...words: readonly string[]) =>
    pgha(["restart", "--cancel", ...words], { workingDirectory, services });
  const left = async () => {
    const { systemId, operation: now } = await store.readRecord(kind, metadata.name);
    return [systemId, now?.members.map(({ name }) => name)];
  };
  const one = await cancel(second);
  assert.equal(one.code, 0);
  assert.match(one.stdout, new RegExp(`what is left of the restart of ${second}, begun by pgha apply at 2026`));
  assert.deepEqual(await left(), ["7", [first, third]]);
  assert.match((await cancel(second)).stdout, /No restart is under way/);
  assert.match((await cancel()).stdout, new RegExp(`of ${first} and ${third}[^]*waits still`));
  assert.deepEqual(await left(), ["7", undefined]);
  assert.match((await cancel("all")).stdout, /No restart is under way/);
  const both = await cancel("--pending");
  assert.equal(both.code, 1);
  assert.match(both.stderr, /--cancel' cannot be used with option '--pending'/);
  assert.deepEqual(
    calls.filter((call) => !/^(open|close)/.test(call)),
    [],
  );
});

function soundCluster(): string {
  return `PostgresHACluster/${soundStack().cluster.metadata.name}`;
}
