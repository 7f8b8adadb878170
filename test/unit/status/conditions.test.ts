import assert from "node:assert/strict";
import { test } from "node:test";
import type { Blocker, Plan, Wait } from "../../../src/plan/plan.ts";
import { healsByItself } from "../../../src/reasons.ts";
import type { Reason } from "../../../src/reasons.ts";
import { conditionsOf } from "../../../src/status/conditions.ts";
import type { Condition } from "../../../src/status/status.ts";

const blocker = (host: string, reason: Reason): Blocker => ({
  resource: "PostgresHACluster/pg",
  host,
  reason,
  why: `${reason} of ${host}`,
  wayOut: "Mend it.",
  scope: "everything",
});
const AWAY = { host: "c" as string, reason: "HostUnreachable" as const, message: "no route" };

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
    available: { status: "True", reason: "LeaderServes", message: "" },
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
  assert.equal(found([blocker("a", "PortTaken"), blocker("b", "ClockSkew")], [])("Ready")?.reason, "PortTaken"));

test("Stalled names what only a person mends, and how, though a host is away as well", () => {
  const of = found([blocker("c", "HostUnreachable"), blocker("a", "PortTaken"), blocker("b", "ClockSkew")], [AWAY]);
  assert.equal(of("Stalled")?.reason, "PortTaken");
  assert.equal(of("Stalled")?.message, "a: PortTaken of it. Mend it. (and 2 more)");
  assert.equal(of("Reconciling"), undefined);
});

test("hosts that are away or silent and references that may come heal by themselves, a taken port does not", () => {
  assert.deepEqual(
    (["HostUnreachable", "CommandTimedOut", "PeerUnreachable", "ClusterNotFound", "PortTaken"] as const).map(
      healsByItself,
    ),
    [true, true, true, true, false],
  );
});

/** The conditions while the cluster leads nobody, or while settings wait. */
function message(
  type: Condition["type"],
  {
    unseen = [],
    waits = [],
    blockers = [],
    established = true,
    serves = false,
  }: {
    readonly unseen?: readonly (typeof AWAY)[];
    readonly waits?: readonly Wait[];
    readonly blockers?: readonly Blocker[];
    readonly established?: boolean;
    readonly serves?: boolean;
  },
): string {
  const condition = conditionsOf({
    generation: 1,
    plan: { steps: [], waits, blockers, warnings: [] },
    unseen,
    hostCount: 3,
    established,
    available: serves
      ? { status: "True", reason: "LeaderServes", message: "a leads" }
      : { status: "False", reason: "NoLeader", message: "no member is known to lead" },
    domain: {},
  }).find((one) => one.type === type);
  return `${condition?.reason ?? ""}: ${condition?.message ?? ""}`;
}

const NO_LEADER: Wait = {
  resource: "PostgresHACluster/pg",
  reason: "NoLeader",
  for: "a leader (a stopped)",
  holds: "data",
  deadlineSeconds: 1,
  wayOut: "",
};

test("in an outage the first that is said is that clients are not served, and why", () => {
  const away = (host: string): typeof AWAY => ({ ...AWAY, host });
  assert.equal(
    message("Ready", { unseen: [away("a"), away("b")] }),
    "HostUnreachable: clients are not served: no member is known to lead; a and b cannot be reached",
  );
  const named = { ...AWAY, message: "c (10.0.0.3:22) cannot be reached: no answer" };
  assert.equal(
    message("Ready", { unseen: [named], blockers: [{ ...blocker("c", "HostUnreachable"), why: named.message }] }),
    "HostUnreachable: clients are not served: no member is known to lead; c cannot be reached",
    "once is enough",
  );
  assert.equal(
    message("Ready", { unseen: [away("a"), away("b"), away("c")] }),
    "HostUnreachable: clients are not served, as far as it can be seen from here: none of the 3 hosts can " +
      "be reached (no route)",
  );
  assert.equal(
    message("Ready", { waits: [NO_LEADER] }),
    "NoLeader: clients are not served: no member is known to lead; waiting for a leader (a stopped)",
  );
  assert.equal(
    message("Ready", { waits: [NO_LEADER], established: false }),
    "NoLeader: waiting for a leader (a stopped)",
    "while it is set up nobody counts on it",
  );
});

test("a setting that is not in force takes nothing away from what serves", () => {
  for (const reason of ["PendingRestart", "RestartWouldFail", "ParameterRefused", "ParameterOverridden"] as const)
    assert.equal(message("Degraded", { blockers: [blocker("a", reason)], serves: true }), "Healthy: ", reason);
  assert.match(message("Degraded", { blockers: [blocker("a", "DiskFull")], serves: true }), /^ReducedRedundancy: /);
});
