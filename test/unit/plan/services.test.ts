import assert from "node:assert/strict";
import { test } from "node:test";
import type { DesiredHost } from "../../../src/desired/host.ts";
import { PACKAGED_POSTGRESQL, PATRONI } from "../../../src/desired/services.ts";
import type { UnitFact } from "../../../src/facts/types.ts";
import type { HostFacts } from "../../../src/plan/host.ts";
import type { Step } from "../../../src/plan/plan.ts";
import { isOutdated, serviceFindings, unreadAfter, unreadFiles, whyOutdated } from "../../../src/plan/services.ts";
import { UNIT } from "./member-facts.ts";

const OURS = "/etc/systemd/system/patroni.service.d/pgha.conf";
const THEIRS = "/etc/systemd/system/patroni.service.d/zz.conf";
const SERVICE = {
  of: PATRONI,
  loadedMark: "",
  startedMark: "00ff",
  startedFrom: { "/unit": "aa" },
  environment: ["PYTHONPATH=/opt/pgha/pysyncobj"],
  fileLimit: 65536,
  clients: { field: "spec.maxConnections", most: 100 },
};
/** Two for each client, and what is open anyway. */
const NEEDED = 1224;
const RUNS: UnitFact = {
  ...UNIT,
  activeState: "active",
  environment: [...SERVICE.environment, "A=b"],
  fileLimit: 65536,
};
const host: DesiredHost = {
  host: "db-1",
  packages: { names: [], services: {}, source: "distribution" },
  artifacts: [],
  directories: [],
  files: [],
  services: [SERVICE],
  masked: [PACKAGED_POSTGRESQL],
};

function found(unit: Partial<UnitFact>): readonly string[] {
  const { blockers, warnings } = serviceFindings("PostgresHACluster/pg", host, {
    "patroni.service": { ...RUNS, ...unit },
    "postgresql.service": { ...RUNS, activeState: "inactive", dropIns: [THEIRS] },
  });
  return [...blockers, ...warnings].map(({ reason }) => reason);
}

test(
  "a process is outdated when it shows another mark than its unit has, or none; and not when there is no " + "process",
  () => {
    assert.equal(isOutdated(SERVICE, { ...RUNS, startedMark: "00ff" }), false);
    assert.equal(isOutdated(SERVICE, { ...RUNS, startedMark: "00fe" }), true);
    assert.equal(isOutdated(SERVICE, RUNS), true);
    assert.equal(isOutdated(SERVICE, { ...RUNS, activeState: "inactive" }), false);
    assert.equal(isOutdated(SERVICE, undefined), false);
  },
);

test("a process is outdated when it was started from other texts under the same mark, as far as that was noted", () => {
  const right = { ...RUNS, startedMark: "00ff" };
  assert.equal(isOutdated(SERVICE, { ...right, startedFrom: { "/unit": "aa", "/another": "bb" } }), false);
  assert.equal(isOutdated(SERVICE, { ...right, startedFrom: { "/unit": "ab" } }), true);
  // Noted of a process before it, and not of this one: somebody's unit does not note it.
  assert.equal(isOutdated(SERVICE, { ...right, startedFrom: {} }), true);
  assert.equal(isOutdated(SERVICE, right), false);
});

test("what a process has not read is told by the revision of its files, whatever they say, and what is to be written", () => {
  const file = (revision: string, sha256 = "aa") =>
    ({ kind: "file", sha256, owner: "", group: "", mode: 0, revision }) as const;
  const facts = (found: ReturnType<typeof file>, unit: Partial<UnitFact>): HostFacts => ({
    packages: {},
    artifacts: {},
    digests: new Map([[PATRONI.config, "aa"]]),
    paths: { [PATRONI.config]: found },
    units: { "patroni.service": { ...RUNS, ...unit } },
  });
  const read = { [PATRONI.config]: "7:1" };
  assert.deepEqual(unreadFiles(SERVICE, facts(file("7:1"), { read })), []);
  for (const other of ["7:2", "8:1"])
    assert.deepEqual(unreadFiles(SERVICE, facts(file(other), { read })), [PATRONI.config]);
  assert.deepEqual(unreadFiles(SERVICE, facts(file("7:1"), {})), [PATRONI.config]);
  assert.deepEqual(unreadFiles(SERVICE, facts(file("7:2"), { read, activeState: "inactive" })), []);
  // It was started from an edited file, which is about to be put right.
  assert.deepEqual(unreadFiles(SERVICE, facts(file("7:1", "ab"), { read })), []);
  const write = (path: string): Step => ({
    id: path,
    resource: "",
    host: "db-1",
    stage: "prepare",
    impact: "none",
    because: "",
    change: {
      kind: "write-file",
      file: { path, content: "", owner: "", group: "", mode: 0, secret: false },
      before: { kind: "absent" },
    },
  });
  const now = facts(file("7:1", "ab"), { read });
  assert.deepEqual(unreadAfter([write(PATRONI.config), write("/unit")], SERVICE, now), [PATRONI.config]);
  assert.deepEqual(unreadAfter([write("/unit")], SERVICE, now), []);
});

test("a drop-in of somebody else's is said, and is in the way where it takes what the service needs", () => {
  assert.deepEqual(found({ dropIns: [OURS] }), []);
  assert.deepEqual(found({ dropIns: [OURS, THEIRS] }), ["ForeignDropIn"]);
  assert.deepEqual(found({ dropIns: [OURS, THEIRS], environment: ["PYTHONPATH=/nowhere"] }), ["DropInOverrides"]);
  assert.deepEqual(found({ dropIns: [OURS, THEIRS], environment: [] }), ["DropInOverrides"]);
  assert.deepEqual(found({ dropIns: [OURS, THEIRS], fileLimit: NEEDED - 1 }), ["DropInOverrides"]);
  assert.deepEqual(found({ dropIns: [OURS, THEIRS], fileLimit: NEEDED }), ["ForeignDropIn"]);
});

test("a service that is allowed fewer files than its declared clients take is told with both numbers", () => {
  const few = (unit: Partial<UnitFact>): readonly string[] =>
    serviceFindings("HAProxyPool/p", host, {
      "patroni.service": { ...RUNS, startedMark: "00ff", ...unit },
    }).warnings.map(({ reason, message }) => `${reason} ${message}`);
  const [told, ...more] = few({ filesAllowed: NEEDED - 100 });
  assert.match(
    told ?? "",
    /open 1124 files there, and the 100 clients of spec.maxConnections may take 1224: beyond about 50 .*fs\.nr_open/,
  );
  assert.deepEqual(more, []);
  for (const unit of [
    // Fewer than its unit asks for, and plenty.
    { filesAllowed: 20_000 },
    { filesAllowed: NEEDED },
    {},
    // It was not started from that unit yet: the restart that is planned gives it more.
    { filesAllowed: 999, startedMark: "0000" },
    { filesAllowed: 999, activeState: "inactive" as const, startedMark: "0000", mainPid: 0 },
    { filesAllowed: 999, needsDaemonReload: true },
    // Another hand's drop-in: that is said instead.
    { filesAllowed: 500, fileLimit: 500, dropIns: [OURS, THEIRS] },
  ])
    assert.ok(!few(unit).some((text) => text.startsWith("FewOpenFiles")), JSON.stringify(unit));
});

test(
  "what a package or systemd itself brings along is no person's doing, and nothing is said before " +
    "systemd has read it all",
  () => {
    assert.deepEqual(found({ dropIns: ["/usr/lib/systemd/system/patroni.service.d/x.conf", OURS] }), []);
    assert.deepEqual(found({ dropIns: ["/run/systemd/system/service.d/zzz-lxc.conf", OURS] }), []);
    assert.deepEqual(found({ dropIns: [OURS, THEIRS], needsDaemonReload: true }), []);
  },
);

test("a process that runs from another image, or from none, is said so; else it is its unit that changed", () => {
  const [one, other] = ["a", "b"].map((digit) => `sha256:${digit.repeat(64)}`);
  const why = (image: string | undefined, running: string | undefined): string =>
    whyOutdated(
      { ...SERVICE, ...(image === undefined ? {} : { image }) },
      { ...RUNS, ...(running === undefined ? {} : { image: running }) },
    );
  assert.equal(why(one, other), `it runs from the image ${"b".repeat(12)} instead of the image ${"a".repeat(12)}`);
  assert.equal(why(one, undefined), `it runs from the host itself instead of the image ${"a".repeat(12)}`);
  assert.equal(why(undefined, other), `it runs from the image ${"b".repeat(12)} instead of the host itself`);
  assert.match(why(one, one), /another unit file/);
});
