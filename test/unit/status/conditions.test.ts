import assert from "node:assert/strict";
import { test } from "node:test";
import type { Blocker, Plan } from "../../../src/plan/plan.ts";
import { conditionsOf, healsByItself } from "../../../src/status/conditions.ts";
import type { Condition } from "../../../src/status/status.ts";

const blocker = (host: string, reason: string): Blocker => ({
  resource: "PostgresHACluster/pg",
  host,
  reason,
  why: `${reason} of ${host}`,
  wayOut: "Mend it.",
  scope: "everything",
});
const AWAY = { host: "c", reason: "HostUnreachable", message: "no route" };

function found(
  blockers: readonly Blocker[],
  unseen: readonly (typeof AWAY)[],
): (type: Condition["type"]) => Condition | undefined {
  const plan: Plan = { steps: [], waits: [], blockers, warnings: [] };
  const conditions = conditionsOf({
    generation: 1,
    plan,
    unseen,
    hostCount: 3,
    available: { status: "Unknown", reason: "NoLeader", message: "" },
    domain: {},
  });
  return (type) => conditions.find((condition) => condition.type === type);
}

test("Ready names the host that is away, not those who miss it", () => {
  const ready = found(
    [blocker("a", "PeerUnreachable"), blocker("b", "PeerUnreachable"), blocker("c", "HostUnreachable")],
    [AWAY],
  )("Ready");
  assert.equal(ready?.reason, "HostUnreachable");
  assert.match(ready?.message ?? "", /^c: HostUnreachable of it \(and 2 more\)$/);
});

test("otherwise it names the first blocker", () =>
  assert.equal(found([blocker("a", "PortTaken"), blocker("b", "ClockOff")], [])("Ready")?.reason, "PortTaken"));

test("Stalled names what only a person mends, and how, though a host is away as well", () => {
  const of = found([blocker("c", "HostUnreachable"), blocker("a", "PortTaken"), blocker("b", "ClockOff")], [AWAY]);
  assert.equal(of("Stalled")?.reason, "PortTaken");
  assert.equal(of("Stalled")?.message, "a: PortTaken of it. Mend it. (and 2 more)");
  assert.equal(of("Reconciling"), undefined);
});

test("hosts that are away or silent and references that may come heal by themselves, a taken port does not", () => {
  assert.deepEqual(
    ["HostUnreachable", "CommandTimedOut", "PeerUnreachable", "ClusterNotFound", "PortTaken"].map(healsByItself),
    [true, true, true, true, false],
  );
});
