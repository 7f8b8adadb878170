import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reason } from "../../../src/reasons.ts";
import type { Look } from "../../../src/facts/fact.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld } from "../../model/converge.ts";

const pristine = await convergedWorld();
const CLUSTER = "PostgresHACluster/keybuzz-pg";
const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"];

/** The leader's host refuses a look for this reason, and the other members say who leads. */
async function refusing(reason: Reason, says: (name: string) => string | undefined): Promise<Pass> {
  const model = pristine.copy();
  const looks = new Map(model.looks());
  const changed = [...(looks.get(CLUSTER) ?? [])].map(([host, look]): [string, Look<never>] => {
    if (host === "db-master-01") return [host, { seen: false, host, reason, message: "it does not let pgha in" }];
    const { patroni, ...facts } = (look.seen ? look.facts : {}) as { readonly patroni: object };
    const cluster = MEMBERS.map((name) => ({
      name,
      role: name === says(host) ? "primary" : "replica",
      state: name === says(host) ? "running" : "streaming",
      address: "10.0.0.1",
      port: 5432,
      pendingRestart: false,
    }));
    return [host, { seen: true, host, facts: { ...facts, patroni: { ...patroni, cluster } } as never }];
  });
  looks.set(CLUSTER, new Map(changed));
  return passOver(model.stack, model.world, looks);
}

function available(pass: Pass, resource: string) {
  const found = pass.statuses.get(resource)?.conditions.find(({ type }) => type === "Available");
  return found === undefined ? undefined : [found.status, found.reason];
}

describe("a leader that pgha cannot look at", () => {
  for (const reason of ["LoginShellUnusable", "PrivilegeMissing", "AuthenticationFailed", "HostKeyChanged"] as const) {
    it(`leads all the same, as the others say (${reason}); no resource says that nobody does`, async () => {
      const pass = await refusing(reason, () => "db-master-01");
      assert.deepEqual(available(pass, CLUSTER), ["Unknown", "LeaderNotSeen"]);
      assert.equal(pass.statuses.get(CLUSTER)?.cluster?.leader, "db-master-01");
      assert.deepEqual(available(pass, "HAProxyPool/keybuzz-haproxy"), ["True", "Serving"]);
      assert.ok(!pass.plan.waits.some(({ for: what }) => what.includes("a leader")), JSON.stringify(pass.plan.waits));
      const ready = pass.statuses.get(CLUSTER)?.conditions.find(({ type }) => type === "Ready");
      assert.deepEqual([ready?.status, ready?.reason], ["False", reason]);
    });
  }

  it("is not taken for one by what is old: its machine does not answer, or the others disagree", async () => {
    for (const pass of [
      await refusing("HostUnreachable", () => "db-master-01"),
      await refusing("LoginShellUnusable", (name) => (name === "db-slave-01" ? "db-master-01" : undefined)),
      await refusing("LoginShellUnusable", () => undefined),
    ])
      assert.deepEqual(available(pass, CLUSTER), ["False", "NoLeader"]);
  });
});
