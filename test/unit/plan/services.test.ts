import assert from "node:assert/strict";
import { test } from "node:test";
import type { DesiredHost } from "../../../src/desired/host.ts";
import type { UnitFact } from "../../../src/facts/types.ts";
import { foreignDropIns, isOutdated } from "../../../src/plan/services.ts";
import { UNIT } from "./member-facts.ts";

const OURS = "/etc/systemd/system/patroni.service.d/pgha.conf";
const THEIRS = "/etc/systemd/system/patroni.service.d/zz.conf";
const SERVICE = { file: OURS, startedMark: "00ff", environment: ["PYTHONPATH=/opt/pgha/pysyncobj"], fileLimit: 1000 };
const RUNS: UnitFact = {
  ...UNIT,
  activeState: "active",
  environment: [...SERVICE.environment, "A=b"],
  fileLimit: 1000,
};
const host: DesiredHost = {
  host: "db-1",
  packages: { names: [], services: {}, source: "distribution" },
  artifacts: [],
  directories: [],
  files: [],
  units: [
    { name: "patroni.service", state: "running", title: "Patroni", service: SERVICE },
    { name: "postgresql.service", state: "masked", title: "the distribution's PostgreSQL" },
  ],
};

function found(unit: Partial<UnitFact>): readonly string[] {
  const { blockers, warnings } = foreignDropIns("PostgresHACluster/pg", host, {
    "patroni.service": { ...RUNS, ...unit },
    "postgresql.service": { ...RUNS, activeState: "inactive", dropIns: [THEIRS] },
  });
  return [...blockers, ...warnings].map(({ reason }) => reason);
}

test("a process is outdated when it shows another mark than its unit has, or none; and not when there is no process", () => {
  assert.equal(isOutdated(SERVICE, { ...RUNS, startedMark: "00ff" }), false);
  assert.equal(isOutdated(SERVICE, { ...RUNS, startedMark: "00fe" }), true);
  assert.equal(isOutdated(SERVICE, RUNS), true);
  assert.equal(isOutdated(SERVICE, { ...RUNS, activeState: "inactive" }), false);
  assert.equal(isOutdated(undefined, RUNS), false);
});

test("a drop-in of somebody else's is said, and is in the way where it takes what the service needs", () => {
  assert.deepEqual(found({ dropIns: [OURS] }), []);
  assert.deepEqual(found({ dropIns: [OURS, THEIRS] }), ["ForeignDropIn"]);
  assert.deepEqual(found({ dropIns: [OURS, THEIRS], environment: ["PYTHONPATH=/nowhere"] }), ["DropInOverrides"]);
  assert.deepEqual(found({ dropIns: [OURS, THEIRS], environment: [] }), ["DropInOverrides"]);
  assert.deepEqual(found({ dropIns: [OURS, THEIRS], fileLimit: 999 }), ["DropInOverrides"]);
  assert.deepEqual(found({ dropIns: [OURS, THEIRS], fileLimit: 2000 }), ["ForeignDropIn"]);
});

test("what a package or systemd itself brings along is no person's doing, and nothing is said before systemd has read it all", () => {
  assert.deepEqual(found({ dropIns: ["/usr/lib/systemd/system/patroni.service.d/x.conf", OURS] }), []);
  assert.deepEqual(found({ dropIns: ["/run/systemd/system/service.d/zzz-lxc.conf", OURS] }), []);
  assert.deepEqual(found({ dropIns: [OURS, THEIRS], needsDaemonReload: true }), []);
});
