import assert from "node:assert/strict";
import { test } from "node:test";
import type { DesiredHost } from "../../../src/desired/host.ts";
import { planHost } from "../../../src/plan/host.ts";
import type { HostFacts } from "../../../src/plan/host.ts";
import type { PathFact } from "../../../src/facts/types.ts";

const PATH = "/data/pgdata";
const OWNED = { owner: "postgres", group: "postgres", mode: 0o700 };

function stepsFor(found: PathFact, activeState: string, wanted = OWNED): readonly string[] {
  const desired: DesiredHost = {
    host: "db-1",
    packages: { names: [], services: {}, source: "distribution" },
    artifacts: [],
    directories: [{ path: PATH, ...wanted, keptBy: "patroni.service" }],
    files: [],
    services: [],
    masked: [],
  };
  const unit = {
    loadState: "loaded",
    activeState,
    subState: "",
    unitFileState: "enabled",
    mainPid: 0,
    needsDaemonReload: false,
    restarts: 0,
    dropIns: [],
    environment: [],
  };
  const facts: HostFacts = {
    packages: {},
    paths: { [PATH]: found },
    artifacts: {},
    units: { "patroni.service": unit },
    digests: new Map(),
  };
  return planHost("PostgresHACluster/pg", desired, facts).map((step) => step.because);
}

test("a directory that a running service makes and takes away is left to it, but its mode is not", () => {
  assert.deepEqual(stepsFor({ kind: "absent" }, "inactive"), ["it is not there"]);
  assert.deepEqual(stepsFor({ kind: "absent" }, "failed"), ["it is not there"]);
  for (const state of ["active", "activating", "deactivating", "reloading"])
    assert.deepEqual(stepsFor({ kind: "absent" }, state), [], state);
  assert.deepEqual(stepsFor({ kind: "directory", ...OWNED, mode: 0o755 }, "active"), [
    "its mode is 0755 instead of 0700",
  ]);
});

test("a user of a container's is known by its number, whatever the host calls that", () => {
  const wanted = { owner: "70", group: "71", mode: 0o700 };
  const found = { kind: "directory", owner: "messagebus", group: "UNKNOWN", mode: 0o700 } as const;
  assert.deepEqual(stepsFor({ ...found, uid: 70, gid: 71 }, "active", wanted), []);
  assert.deepEqual(stepsFor({ ...found, uid: 70, gid: 70 }, "active", wanted), [
    "it belongs to messagebus:UNKNOWN instead of 70:71",
  ]);
});
