import assert from "node:assert/strict";
import { test } from "node:test";
import { switchoverPart } from "../../../src/cli/switchover/run.ts";
import type { Plan, Step } from "../../../src/plan/plan.ts";
import { soundStack } from "../api/stack.ts";
import { NOTHING } from "../plan/example-plan.ts";
import { pgha } from "./fake-environment.ts";
import { fakeEngine } from "./fake-services.ts";
import { manifestFolder } from "./manifest-folder.ts";

const { kind, metadata, spec } = soundStack().cluster;
const CLUSTER = `${kind}/${metadata.name}`;
const MEMBERS = spec.hosts.map(({ name }) => name);

function step(change: Step["change"], resource = CLUSTER): Step {
  return {
    id: change.kind,
    resource,
    host: "db-1",
    stage: "settle",
    impact: "disruptive",
    noticed: "clients wait",
    because: "pgha switchover asks for another leader",
    change,
  };
}

const switchOver = (restarts: boolean): Step =>
  step({
    kind: "switch-over",
    from: "db-1",
    to: "db-2",
    url: "",
    api: { address: "10.0.0.2", port: 8008 },
    others: ["db-1"],
    ways: [],
    force: false,
    restarts,
  });

test("of a plan only the switchover is taken, with what was left paused, and what is in its way", () => {
  const blocker = { reason: "PendingRestart", why: "x", wayOut: "y", scope: "nothing" } as const;
  const plan: Plan = {
    ...NOTHING,
    steps: [
      switchOver(false),
      switchOver(true),
      step({ kind: "restart-unit", unit: "pgbouncer" }, "PgBouncerPool/p"),
      step({ kind: "resume-pooler", unit: "pgbouncer", port: 6432 }, "PgBouncerPool/p"),
    ],
    blockers: [
      { ...blocker, resource: CLUSTER },
      { ...blocker, resource: CLUSTER, reason: "SwitchoverRefused" },
      { ...blocker, resource: CLUSTER, scope: "host", host: "db-2" },
      { ...blocker, resource: "PgBouncerPool/p", scope: "host" },
    ],
  };
  const part = switchoverPart(plan, CLUSTER);
  assert.deepEqual(part.steps, [plan.steps[0], plan.steps[3]]);
  assert.deepEqual(part.blockers, [plan.blockers[1], plan.blockers[2]]);
});

test("who takes the lead over is shown and asked about once; that nobody has to asks nothing", async (context) => {
  const workingDirectory = manifestFolder(context);
  const asked = fakeEngine({ plan: { ...NOTHING, steps: [switchOver(false)] } });
  const terminal = { workingDirectory, terminal: true, variables: { NO_COLOR: "1" } };
  const { code, stdout } = await pgha(["switchover"], { ...terminal, services: asked.services, typed: "n\n" });
  assert.equal(code, 1);
  assert.match(stdout, /switch over from db-1 to db-2 \[disruptive\][^]*Go on\? \[y\/N\] [^]*Nothing was changed/);
  const none = fakeEngine();
  const fine = await pgha(["switchover"], { ...terminal, services: none.services });
  assert.equal(fine.code, 0);
  assert.match(fine.stdout + fine.stderr, /Nothing to switch over/);
});

test("a member that no manifest names is refused before anything is looked at", async (context) => {
  const workingDirectory = manifestFolder(context);
  const { services, calls } = fakeEngine();
  const { code, stderr } = await pgha(["switchover", "--to", "db-9"], { workingDirectory, services });
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`no cluster of the manifests has a member db-9[^]*${MEMBERS[0]}`));
  assert.deepEqual(
    calls.filter((call) => !/^(open|close)/.test(call)),
    [],
  );
});

test("one that was begun is taken back, with no host looked at", async (context) => {
  const workingDirectory = manifestFolder(context);
  const { services, calls, store } = fakeEngine();
  const switchover = { id: "pgha switchover", since: "2026-11-29T12:00:00Z", from: "db-1" };
  await store.writeRecord(kind, metadata.name, { hosts: {}, systemId: "7", switchover });
  const cancel = async (...words: readonly string[]) =>
    pgha(["switchover", "--cancel", ...words], { workingDirectory, services });
  assert.match(
    (await cancel()).stdout,
    /switchover from db-1, begun by pgha switchover at 2026-11-29.*does not happen/,
  );
  assert.deepEqual(await store.readRecord(kind, metadata.name), { hosts: {}, systemId: "7" });
  assert.match((await cancel()).stdout, /No switchover is under way/);
  assert.equal((await cancel("--force")).code, 1);
  assert.deepEqual(
    calls.filter((call) => !/^(open|close)/.test(call)),
    [],
  );
});
