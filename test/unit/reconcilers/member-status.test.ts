import assert from "node:assert/strict";
import { test } from "node:test";
import { memberStatus } from "../../../src/reconcilers/postgres-ha-cluster/member-status.ts";
import type { ClusterFacts } from "../../../src/reconcilers/postgres-ha-cluster/observe.ts";

/** How the role of a member is shown that calls itself this, while the leader says that of it. */
function shown(own: string, told: string | undefined, syncState: string | undefined): string {
  const facts = { patroni: { member: { state: "running", role: own } } } as unknown as ClusterFacts;
  const leader = {
    patroni: { cluster: told === undefined ? [] : [{ name: "b", role: told }] },
    sql: { replication: syncState === undefined ? [] : [{ name: "b", state: "streaming", syncState }] },
  } as unknown as ClusterFacts;
  return memberStatus("b", facts, leader, { leads: false, isPending: false }).role;
}

test("a replica that commits wait for is shown as sync_standby, by the leader's word or PostgreSQL's", () => {
  assert.equal(shown("replica", "sync_standby", undefined), "sync_standby");
  assert.equal(shown("replica", "replica", "sync"), "sync_standby");
  assert.equal(shown("replica", undefined, "quorum"), "sync_standby");
  assert.equal(shown("replica", "replica", "async"), "replica");
  assert.equal(shown("replica", "replica", "potential"), "replica");
  assert.equal(shown("standby_leader", "sync_standby", undefined), "standby_leader");
});
