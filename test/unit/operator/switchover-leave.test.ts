import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANNOTATIONS } from "../../../src/api/annotations.ts";
import { switchoverLeave } from "../../../src/operator/switchover-leave.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const NOW = Date.parse("2026-11-29T12:00:00Z");

function leave(value?: string, status: object = {}) {
  const [cluster] = sampleStack().clusters;
  assert.ok(cluster);
  const stored = {
    metadata: {
      name: "keybuzz-pg",
      creationTimestamp: "2026-11-01T00:00:00Z",
      annotations: value === undefined ? {} : { [ANNOTATIONS.switchoverTo]: value },
    },
    status,
  } as StoredResource;
  return switchoverLeave(stored, cluster, NOW);
}

const begun = (id: string) => ({ switchover: { id, since: "x", from: "db-master-01" } });

describe("a switchover in Kubernetes", () => {
  it("is asked for by a member's name, or any, and once by each value", () => {
    assert.deepEqual(leave(), {});
    assert.deepEqual(leave("db-slave-01").begin, { id: "switchover-to db-slave-01", to: "db-slave-01" });
    assert.deepEqual(leave("any@1795953000").begin, { id: "switchover-to any@1795953000" });
    assert.equal(leave("db-slave-01", { switchedTo: "db-slave-01" }).begin, undefined);
    assert.equal(leave("db-slave-01@2", { switchedTo: "db-slave-01@1" }).begin?.to, "db-slave-01");
  });

  it("is not asked for by a name that is none, a time to come, or one of an earlier resource", () => {
    for (const value of ["", "db-9", "db-slave-01@2026-12-30T00:00:00Z", "db-slave-01@2026-10-30T00:00:00Z", "@1"])
      assert.equal(leave(value).begin, undefined, value);
  });

  it("is taken back with the annotation that asked for it, and by that alone", () => {
    assert.equal(leave(undefined, begun("switchover-to db-slave-01")).withdrawn, "switchover-to db-slave-01");
    assert.equal(leave("db-slave-01", begun("switchover-to db-slave-01")).withdrawn, undefined);
    assert.equal(leave("any", begun("switchover-to db-slave-01")).withdrawn, "switchover-to db-slave-01");
    assert.equal(leave(undefined, begun("pgha switchover")).withdrawn, undefined);
  });
});
