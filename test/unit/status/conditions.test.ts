import assert from "node:assert/strict";
import { test } from "node:test";
import type { Blocker, Plan } from "../../../src/plan/plan.ts";
import { conditionsOf, healsByItself } from "../../../src/status/conditions.ts";
import type { Condition } from "../../../src/status/status.ts";

const blocker = (host: string, reason: string): Blocker => ({ resource: "PostgresHACluster/pg", host, reason, why: `${reason} of ${host}`, wayOut: "w", scope: "everything" });
const AWAY = { host: "c", reason: "HostUnreachable", message: "no route" };

function ready(blockers: readonly Blocker[], unseen: readonly (typeof AWAY)[]): Condition | undefined {
  const plan: Plan = { steps: [], waits: [], blockers, warnings: [] };
  const conditions = conditionsOf({ generation: 1, plan, unseen, hostCount: 3, available: { status: "Unknown", reason: "NoLeader", message: "" }, domain: {} });
  return conditions.find(({ type }) => type === "Ready");
}

test("Ready names the host that is away, not those who miss it", () => {
  const found = ready([blocker("a", "PeerUnreachable"), blocker("b", "PeerUnreachable"), blocker("c", "HostUnreachable")], [AWAY]);
  assert.equal(found?.reason, "HostUnreachable");
  assert.match(found?.message ?? "", /^c: HostUnreachable of c \(and 2 more\)$/);
});

test("otherwise it names the first blocker", () => assert.equal(ready([blocker("a", "PortTaken"), blocker("b", "ClockOff")], [])?.reason, "PortTaken"));

test("hosts that are away and references that may come heal by themselves, a taken port does not", () => {
  assert.deepEqual(["HostUnreachable", "PeerUnreachable", "ClusterNotFound", "PortTaken"].map(healsByItself), [true, true, true, false]);
});
