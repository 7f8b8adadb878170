import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { approvedFacts, differences, printOf } from "../../../src/cli/approve/findings.ts";
import { isService } from "../../../src/api/index.ts";
import type { Naming } from "../../../src/cli/approve/findings.ts";
import { changeManifests, plannedEdits } from "../../../src/cli/approve/key-change.ts";
import { linesWithKey, replaceKey } from "../../../src/cli/approve/manifest-edits.ts";
import { lostBy } from "../../../src/cli/approve/machine.ts";
import type { Machine } from "../../../src/cli/approve/machine.ts";
import { leftHosts } from "../../../src/reconcilers/left-hosts.ts";
import { resourcesOf } from "../../../src/reconcilers/stack.ts";
import type { Stack } from "../../../src/reconcilers/stack.ts";
import { targetsOf } from "../../../src/reconcilers/targets.ts";
import type { RecordedHost } from "../../../src/state/store.ts";
import { generateKeyPair } from "../../ssh-server/keys.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { emptyFolder } from "./manifest-folder.ts";

const OLD = generateKeyPair().publicKey;
const NEW = generateKeyPair().publicKey;
const MACHINE = {
  system: { machineId: "new" },
  mount: { mounted: true, uuid: "new-uuid" },
  packages: { patroni: undefined, haproxy: "3.0" },
  data: { class: "absent", entries: [] },
} as unknown as Machine;

function withKey(hostKey: string | undefined): Stack {
  const stack = sampleStack();
  const change = <R extends { readonly spec: { readonly hosts: readonly object[] } }>(resource: R): R => ({
    ...resource,
    spec: {
      ...resource.spec,
      hosts: resource.spec.hosts.map(({ hostKey: _, ...host }: { hostKey?: string }) => ({
        ...host,
        ...(hostKey === undefined ? {} : { hostKey }),
      })),
    },
  });
  return {
    ...stack,
    clusters: stack.clusters.map(change),
    haproxyPools: stack.haproxyPools.map(change),
    pgbouncerPools: stack.pgbouncerPools.map(change),
  };
}

function namings(stack: Stack, host: string, recorded: RecordedHost): readonly Naming[] {
  return resourcesOf(stack)
    .filter(isService)
    .flatMap((resource) =>
      targetsOf(resource)
        .filter(({ name }) => name === host)
        .map((target) => ({ resource, target, facts: { hosts: { [host]: recorded } } })),
    );
}

test("what differs is said once, though several resources name the host, and all that is new is recorded", () => {
  const recorded = { machineId: "old", volumeUuid: "old-uuid" };
  const found = namings(withKey(OLD), "proxy-01", recorded);
  assert.equal(found.length, 2);
  assert.deepEqual(differences(found, NEW, MACHINE), [
    { what: "host key", before: printOf(OLD), now: printOf(NEW) },
    { what: "machine-id", before: "old", now: "new" },
    { what: "volume", before: "old-uuid", now: "new-uuid" },
  ]);
  for (const naming of found)
    assert.deepEqual(approvedFacts(naming, NEW, MACHINE).hosts["proxy-01"], {
      machineId: "new",
      volumeUuid: "new-uuid",
    });
});

test("a key that was believed on first use is replaced in the record; one in the manifest leaves none there", () => {
  const recorded = { hostKey: OLD, machineId: "old" };
  const [believed] = namings(withKey(undefined), "proxy-01", recorded);
  assert.ok(believed);
  assert.deepEqual(approvedFacts(believed, NEW, MACHINE).hosts["proxy-01"], { hostKey: NEW, machineId: "new" });
  assert.deepEqual(approvedFacts(believed, undefined, MACHINE).hosts["proxy-01"], { hostKey: OLD, machineId: "new" });
  const [pinned] = namings(withKey(NEW), "proxy-01", recorded);
  assert.ok(pinned);
  assert.deepEqual(approvedFacts(pinned, NEW, MACHINE).hosts["proxy-01"], { machineId: "new" });
  assert.deepEqual(
    differences([pinned], undefined, MACHINE).map(({ what }) => what),
    ["machine-id"],
    "the manifest was changed by hand before",
  );
});

test("where the machine was set up stays recorded, so that no approval makes another address of it unseen", () => {
  const recorded = { address: "10.0.0.77", machineId: "old" };
  for (const naming of namings(withKey(OLD), "proxy-01", recorded)) {
    const approved = approvedFacts(naming, NEW, MACHINE);
    assert.equal(approved.hosts["proxy-01"]?.address, "10.0.0.77");
    assert.deepEqual(
      leftHosts(naming.resource, { systemId: "1", ...approved }).map(({ name }) => name),
      ["proxy-01"],
    );
  }
});

test("a volume that is not mounted is said, and nothing is recorded of it", () => {
  const away = { ...MACHINE, mount: { mounted: false, pathExists: true } } as Machine;
  const [member] = namings(withKey(OLD), "db-master-01", { machineId: "new", volumeUuid: "old-uuid" });
  assert.ok(member);
  assert.deepEqual(differences([member], undefined, away), [
    { what: "volume", before: "old-uuid", now: "not mounted" },
  ]);
  assert.equal(approvedFacts(member, undefined, away).hosts["db-master-01"]?.volumeUuid, "old-uuid");
  assert.match(lostBy(away, [member.resource]).join("; "), /packages patroni.*nothing is mounted at .*its data/);
});

test(
  "a key is found and replaced wherever it stands, through a link, and nothing else of the file " + "changes",
  async (context) => {
    const folder = emptyFolder(context);
    const [type, base64] = OLD.split(" ");
    const text =
      `# mine\nhosts:\n  - {hostKey: &k "${type} ${base64} old comment"}   # keep\nknownHosts: |\n  ` +
      `10.0.0.1 ${type} ${base64}\n`;
    writeFileSync(join(folder, "real.yaml"), text, { mode: 0o640 });
    mkdirSync(join(folder, "m"));
    symlinkSync(join(folder, "real.yaml"), join(folder, "m", "pgha.yaml"));
    writeFileSync(join(folder, "m", "notes.txt"), OLD);
    const paths = [join(folder, "m")];
    assert.deepEqual(
      (await linesWithKey(paths, OLD)).map(({ line }) => line),
      [3, 5],
    );
    await replaceKey(paths, OLD, NEW);
    assert.equal(readFileSync(join(folder, "real.yaml"), "utf8"), text.replaceAll(`${type} ${base64}`, NEW));
    assert.equal(readFileSync(join(folder, "m", "notes.txt"), "utf8"), OLD);
  },
);

test("where another host has the same old key, the lines are named and left to a person", async (context) => {
  const path = join(emptyFolder(context), "pgha.yaml");
  writeFileSync(path, `a: ${OLD}\n`);
  const stack = withKey(OLD);
  const edits = await plannedEdits(namings(stack, "proxy-01", {}), NEW, { stack } as never, [path]);
  assert.match(edits.byHand ?? "", /has the same old key/);
  assert.deepEqual(await changeManifests(edits, [path]), [`${path}:1`]);
  assert.equal(readFileSync(path, "utf8"), `a: ${OLD}\n`);
});
