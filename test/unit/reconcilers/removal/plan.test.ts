import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../../../../src/facts/fact.ts";
import type { UnitFact } from "../../../../src/facts/types.ts";
import { nextWave } from "../../../../src/plan/wave.ts";
import { planRemoval } from "../../../../src/reconcilers/removal/plan.ts";
import type { RemovalFacts, RemovalWish } from "../../../../src/reconcilers/removal/plan.ts";

const made = {
  unit: "patroni.service",
  files: ["/etc/patroni/config.yml"],
  trees: ["/opt/pgha/pysyncobj-0.3.17"],
  data: { directory: "/data/pgdata", besides: ["/data/raft"] },
};
const wish: RemovalWish = { resource: "PostgresHACluster/pg", policy: "Purge", made, systemId: "7", leader: "a" };
const STOPPED: UnitFact = {
  loadState: "loaded",
  activeState: "inactive",
  subState: "dead",
  unitFileState: "disabled",
  mainPid: 0,
  needsDaemonReload: false,
  restarts: 0,
  dropIns: [],
  environment: [],
};
const NOTHING = { files: [], trees: [], directories: [] };
const ALL = { files: made.files, trees: made.trees, directories: ["/data/pgdata", "/data/raft"] };

function look(
  host: string,
  unit: Partial<UnitFact>,
  left: RemovalFacts["left"],
): readonly [string, Look<RemovalFacts>] {
  return [host, { seen: true, host, facts: { units: { "patroni.service": { ...STOPPED, ...unit } }, left } }];
}

function steps(
  changes: Partial<RemovalWish>,
  ...looks: readonly (readonly [string, Look<RemovalFacts>])[]
): readonly string[] {
  const wave = nextWave(planRemoval({ ...wish, ...changes }, new Map(looks)));
  return wave.kind === "steps" ? wave.steps.map((step) => `${step.host ?? ""} ${step.change.kind}`) : [wave.kind];
}

test("replicas stop before the leader, so that none is promoted on the way down", () => {
  const running = { activeState: "active", unitFileState: "enabled" };
  assert.deepEqual(steps({}, look("a", running, ALL), look("b", running, ALL), look("c", running, ALL)), [
    "b stop-unit",
    "c stop-unit",
  ]);
  assert.deepEqual(steps({}, look("a", running, ALL), look("b", {}, ALL), look("c", {}, ALL)), ["a stop-unit"]);
});

test("the plan tells of all that will be stopped, the leader last", () => {
  const running = { activeState: "active", unitFileState: "enabled" };
  const plan = planRemoval(wish, new Map([look("a", running, ALL), look("b", running, ALL), look("c", running, ALL)]));
  assert.deepEqual(
    plan.steps.map(({ host }) => host),
    ["b", "c", "a"],
  );
});

test("a unit that is down and would come back at the next boot is not stopped yet", () => {
  assert.deepEqual(steps({ policy: "Stop" }, look("a", { unitFileState: "enabled" }, ALL)), ["a stop-unit"]);
});

test("nothing is deleted while anything still runs", () => {
  assert.deepEqual(steps({}, look("a", { activeState: "active" }, ALL), look("b", {}, ALL)), ["a stop-unit"]);
});

test("Stop leaves every file", () => assert.deepEqual(steps({ policy: "Stop" }, look("a", {}, ALL)), ["done"]));

test("Purge deletes data, then files, then is done", () => {
  assert.deepEqual(steps({}, look("a", {}, ALL)), ["a remove-data"]);
  assert.deepEqual(steps({}, look("a", {}, { ...ALL, directories: [] })), ["a remove-own-files"]);
  assert.deepEqual(steps({}, look("a", {}, NOTHING)), ["done"]);
});

test("without a recorded identifier no data is deleted: it may be anybody's", () => {
  assert.deepEqual(steps({ systemId: undefined }, look("a", {}, ALL)), ["blocked"]);
});

test("a host that is away does not keep the others from being stopped", () => {
  assert.deepEqual(
    steps(
      {},
      ["a", { seen: false, host: "a", reason: "HostUnreachable", message: "down" }],
      look("b", { activeState: "active" }, ALL),
    ),
    ["b stop-unit"],
  );
});
