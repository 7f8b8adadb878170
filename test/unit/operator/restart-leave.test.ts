import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANNOTATIONS, restartIn } from "../../../src/api/annotations.ts";
import { restartLeave } from "../../../src/operator/restart-leave.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const NOW = Date.parse("2026-11-29T12:00:00Z");

interface Kept {
  readonly value?: string;
  readonly disruption?: "Wait" | "Allow";
  readonly restartedAt?: string;
  readonly operation?: string;
}

function leave({ value, disruption = "Wait", restartedAt, operation }: Kept) {
  const [cluster] = sampleStack().clusters;
  assert.ok(cluster);
  const stored = {
    metadata: {
      name: "keybuzz-pg",
      namespace: "db",
      creationTimestamp: "2026-11-01T00:00:00Z",
      annotations: value === undefined ? {} : { [ANNOTATIONS.restartAt]: value },
    },
    status: {
      ...(restartedAt === undefined ? {} : { restartedAt }),
      ...(operation === undefined ? {} : { operation: { id: operation, kind: "restart", since: "x", members: [] } }),
    },
  } as StoredResource;
  return restartLeave(stored, { ...cluster, spec: { ...cluster.spec, disruption } }, NOW);
}

describe("what may restart in Kubernetes", () => {
  it("is nothing by default, and it says what lets it happen", () => {
    assert.equal(leave({}).begin, undefined);
    assert.match(
      leave({}).wayOut,
      /annotate --overwrite postgreshacluster keybuzz-pg -n db .*restart-at=pending-.*spec\.disruption: Allow/,
    );
  });

  it("is what waits, with disruption: Allow", () =>
    assert.deepEqual(leave({ disruption: "Allow" }).begin, { id: "spec.disruption: Allow", asked: false }));

  it("is every member by any new text of the annotation, those that wait with pending before it, once each", () => {
    for (const value of ["2026-11-29T11:59:00Z", "1795953000", "please", "7"])
      assert.deepEqual(leave({ value }).begin, { id: `restart-at ${value}`, asked: true }, value);
    for (const value of ["pending-1795953000", "pending", "Pending: 2026-11-29T11:59:00Z"])
      assert.deepEqual(leave({ value }).begin, { id: `restart-at ${value}`, asked: false }, value);
    assert.equal(leave({ value: "1795953000", restartedAt: "1795953000" }).begin, undefined);
    assert.equal(leave({ value: "1795953001", restartedAt: "1795953000" }).begin?.asked, true);
  });

  it("is nothing by a value that is nearly pending, is to come, or was written for an earlier resource", () => {
    for (const value of ["", "pendng-1795953000", "2026-11-30T00:00:00Z", "2026-10-30T00:00:00Z"])
      assert.equal(leave({ value }).begin, undefined, value);
  });

  it("ends with the annotation that asked for it, and with what allowed it", () => {
    assert.equal(leave({ operation: "restart-at 1795953000" }).withdrawn, "restart-at 1795953000");
    assert.equal(leave({ value: "1795953000", operation: "restart-at 1795953000" }).withdrawn, undefined);
    assert.equal(leave({ value: "7", operation: "restart-at 1795953000" }).withdrawn, "restart-at 1795953000");
    assert.equal(leave({ operation: "spec.disruption: Allow" }).withdrawn, "spec.disruption: Allow");
    assert.equal(leave({ disruption: "Allow", operation: "spec.disruption: Allow" }).withdrawn, undefined);
    assert.equal(leave({ operation: "pgha restart" }).withdrawn, undefined);
  });

  it("tells times apart from texts", () => {
    assert.deepEqual(restartIn("1795953000"), { pendingOnly: false, timeMs: 1_795_953_000_000 });
    assert.deepEqual(restartIn("pending-2026-11-29T12:00:00Z"), { pendingOnly: true, timeMs: NOW });
    assert.deepEqual(restartIn("after the upgrade"), { pendingOnly: false, timeMs: undefined });
  });
});
