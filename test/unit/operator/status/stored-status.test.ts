import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Plan, Step, Wait } from "../../../../src/plan/plan.ts";
import { drifted, overdue, stepFailed, stepUndone, waitingUntil } from "../../../../src/operator/status/amend.ts";
import { storedStatus } from "../../../../src/operator/status/stored-status.ts";
import { handsOff } from "../../../../src/status/hands-off.ts";
import { unlookedStatus } from "../../../../src/operator/status/unlooked.ts";
import type { StoredResource, StoredStatus } from "../../../../src/state/live-resource.ts";
import { conditionsOf } from "../../../../src/status/conditions.ts";
import type { ResourceStatus } from "../../../../src/status/status.ts";
import { summaryStatus } from "../../../../src/status/summary.ts";
import { kstatusOf } from "../../../kube/kstatus.ts";
import { lintStatus } from "../../../kube/status-linter.ts";

const STEP: Step = {
  id: "a/x/start",
  resource: "HAProxyPool/p",
  host: "a",
  stage: "services",
  change: { kind: "start-unit", unit: "pgha-haproxy.service" },
  because: "it does not run",
  impact: "none",
};
const WAIT: Wait = {
  resource: "HAProxyPool/p",
  reason: "NoLeader",
  for: "a leader",
  holds: "data",
  deadlineSeconds: 60,
  wayOut: "Look.",
};
const EMPTY: Plan = { steps: [], waits: [], blockers: [], warnings: [] };

function report(plan: Partial<Plan> = {}): ResourceStatus {
  const whole = { ...EMPTY, ...plan };
  const conditions = conditionsOf({
    generation: 2,
    plan: whole,
    unseen: [],
    hostCount: 1,
    domain: {},
    available: { status: "True", reason: "Serving", message: "" },
  });
  return {
    ...summaryStatus(conditions, whole),
    observedGeneration: 2,
    conditions,
    endpoints: [],
    hosts: [{ name: "a", address: "10.0.0.1", state: "Serving", versions: {}, machineId: "seen now" }],
  };
}

function linted(status: StoredStatus): string {
  const resource = { kind: "HAProxyPool", metadata: { name: "p", generation: 2 }, status } as StoredResource;
  assert.deepEqual(lintStatus(resource as never), []);
  return kstatusOf(resource as never);
}

const at = (report: ResourceStatus, previous?: StoredStatus, nowMs = 0): StoredStatus =>
  storedStatus("HAProxyPool", report, previous, nowMs);

const FAILURE = { host: "a", command: "", exitCode: 1, said: "no", wayOut: "Mend it." };

describe("what is stored", () => {
  it("keeps the time of transition while a status stays, whatever its message", () => {
    const first = at(report({ steps: [STEP] }), undefined, 1_000);
    const second = at(report({ steps: [STEP, STEP] }), first, 9_000);
    const third = at(report(), second, 20_000);
    const time = (status: StoredStatus): string | undefined =>
      status.conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime;
    assert.deepEqual(
      [time(first), time(second), time(third)],
      ["1970-01-01T00:00:01Z", "1970-01-01T00:00:01Z", "1970-01-01T00:00:20Z"],
    );
  });

  it("is the same when nothing happened: there is no heartbeat in it", () => {
    const first = at(report(), undefined, 1_000);
    assert.deepEqual(at(report(), first, 3_600_000), first);
  });

  it("takes the identity of a host from what is recorded, never from what was merely seen (F95)", () => {
    const previous: StoredStatus = { hosts: [{ name: "a", machineId: "recorded" }] };
    assert.equal(at(report(), previous).hosts?.[0]?.machineId, "recorded");
    assert.equal(at(report()).hosts?.[0]?.machineId, undefined);
  });

  it("keeps by which addresses names are let in, which is recorded", () => {
    const previous: StoredStatus = { names: [{ name: "a.lan", addresses: ["10.0.0.1"] }] };
    const status = storedStatus("PostgresHACluster", report(), previous, 1_000);
    assert.deepEqual(status.names, previous.names);
  });

  it("keeps what is recorded of a host that left the list, where it was set up", () => {
    const left = { name: "b", address: "10.0.0.2", machineId: "its own" };
    const previous: StoredStatus = { hosts: [left, { name: "c", address: "10.0.0.3" }] };
    assert.deepEqual(at(report(), previous).hosts?.slice(1), [{ ...left, state: "Undeclared" }]);
    assert.deepEqual(at(report(), at(report(), previous)).hosts?.slice(1), [{ ...left, state: "Undeclared" }]);
    assert.equal(at(report(), previous).readyHosts, "1/1");
  });

  it("counts hosts that serve", () => assert.equal(at(report()).readyHosts, "1/1"));
});

describe("every status keeps the rules of kstatus, and says", () => {
  const cases: readonly (readonly [what: string, status: StoredStatus, kstatus: string])[] = [
    ["Current when there is nothing to do", at(report()), "Current"],
    ["InProgress when there is", at(report({ steps: [STEP] })), "InProgress"],
    ["InProgress while it waits", at(waitingUntil(report({ waits: [WAIT] }), WAIT, 0)), "InProgress"],
    ["Failed when it waited in vain", at(overdue(report({ waits: [WAIT] }), WAIT)), "Failed"],
    [
      "InProgress after a step that failed, since it is tried again",
      at(stepFailed(report({ steps: [STEP] }), STEP, FAILURE)),
      "InProgress",
    ],
    [
      "Failed when somebody undoes a step each time",
      at(stepUndone(report({ steps: [STEP] }), STEP, FAILURE)),
      "Failed",
    ],
    ["InProgress while paused with something to do", at(handsOff(report({ steps: [STEP] }), "Paused")), "InProgress"],
    ["Current while paused with nothing to do", at(handsOff(report(), "ObserveOnly")), "Current"],
    [
      "Failed when a person has to unblock it",
      at(
        report({
          blockers: [{ resource: "HAProxyPool/p", reason: "PortTaken", why: "x", wayOut: "y", scope: "everything" }],
        }),
      ),
      "Failed",
    ],
    [
      "InProgress when only a host is away",
      at(
        report({
          blockers: [
            {
              resource: "HAProxyPool/p",
              host: "a",
              reason: "HostUnreachable",
              why: "x",
              wayOut: "y",
              scope: "everything",
            },
          ],
        }),
      ),
      "InProgress",
    ],
    ["InProgress with drift", at(drifted(report({ steps: [STEP] }), 1)), "InProgress"],
    [
      "Failed for a spec that is not valid",
      unlookedStatus(
        "HAProxyPool",
        { metadata: { name: "p", generation: 2 } },
        { reason: "InvalidSpec", message: "m", heals: false, about: "SpecValid" },
        0,
        true,
      ),
      "Failed",
    ],
    [
      "InProgress for a reference that may come",
      unlookedStatus(
        "HAProxyPool",
        { metadata: { name: "p", generation: 2 } },
        { reason: "ClusterNotFound", message: "m", heals: true, about: undefined },
        0,
        true,
      ),
      "InProgress",
    ],
  ];
  for (const [what, status, kstatus] of cases) it(what, () => assert.equal(linted(status), kstatus));
});

it("what was last seen of the hosts outlives a spec that is not valid", () => {
  const before = at(report(), { hosts: [{ name: "a", machineId: "recorded" }] });
  const status = unlookedStatus(
    "HAProxyPool",
    { metadata: { name: "p", generation: 3 }, status: before },
    { reason: "InvalidSpec", message: "m", heals: false, about: "SpecValid" },
    0,
    false,
  );
  assert.equal(status.hosts?.[0]?.machineId, "recorded");
  assert.deepEqual(
    status.conditions?.filter(({ status: is }) => is === "Unknown").map(({ type }) => type),
    ["Available", "HostsReachable", "CredentialsReady", "ConfigApplied", "DriftDetected"],
  );
});

it("what was seen too long ago is not told any more, what is recorded is", () => {
  const seen = {
    hosts: [{ name: "a", address: "10.0.0.1", state: "Reachable", machineId: "recorded", versions: { patroni: "4" } }],
    leader: "a",
    readyMembers: "1/1",
    readyHosts: "1/1",
    lagBytes: 0,
    members: [{ name: "a", role: "leader" }],
    systemId: "7",
  };
  const refusal = { reason: "SshKeyMissing", message: "m", heals: true, about: "CredentialsReady" } as const;
  const stored = { metadata: { name: "p", generation: 3 }, status: seen };
  const fresh = unlookedStatus("PostgresHACluster", stored, refusal, 0, false);
  assert.deepEqual([fresh.leader, fresh.readyMembers, fresh.hosts], ["a", "1/1", seen.hosts]);
  const { leader, readyMembers, readyHosts, lagBytes, members, hosts, systemId } = unlookedStatus(
    "PostgresHACluster",
    stored,
    refusal,
    0,
    true,
  );
  assert.deepEqual([leader, readyMembers, readyHosts, lagBytes, members], Array(5).fill(undefined));
  assert.deepEqual(hosts, [{ name: "a", address: "10.0.0.1", state: "NotLooked", machineId: "recorded" }]);
  assert.equal(systemId, "7");
});
