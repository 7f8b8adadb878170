import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "../../../src/plan/plan.ts";
import { nameOf } from "../../../src/reconcilers/stack.ts";
import { restartsInApprovedPlan, restartsThat } from "../../../src/cli/restarts.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { NOTHING } from "../plan/example-plan.ts";

const [cluster] = sampleStack().clusters;
assert.ok(cluster);

test("an apply may restart whom its approved plan restarts, whatever has to come first, and nobody else", () => {
  const restarts = restartsInApprovedPlan();
  assert.deepEqual(restarts.leave(cluster).begin, { id: "pgha apply", asked: false });
  const restart = (member: string, resource = nameOf(cluster)): Plan["steps"][number] => ({
    id: member,
    resource,
    host: member,
    stage: "settle",
    impact: "restart",
    because: "",
    change: {
      kind: "restart-member",
      member,
      url: "",
      role: "replica",
      onlyPending: true,
      dataDirectory: "",
      postmaster: "",
      startSeconds: 60,
    },
  });
  restarts.close({ ...NOTHING, steps: [restart("db-slave-01"), restart("other", "PostgresHACluster/other")] });
  assert.deepEqual(restarts.leave(cluster).begin, { id: "pgha apply", asked: false, members: ["db-slave-01"] });
  const none = restartsInApprovedPlan();
  none.close(NOTHING);
  assert.equal(none.leave(cluster).begin, undefined);
});

test("what was asked for begins once", () => {
  const restarts = restartsThat(() => ({ id: "pgha restart", asked: true }));
  assert.equal(restarts.leave(cluster).begin?.asked, true);
  restarts.close(NOTHING);
  assert.equal(restarts.leave(cluster).begin, undefined);
});
