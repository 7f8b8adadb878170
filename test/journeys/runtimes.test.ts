import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readImageArchive } from "../../src/artifacts/image-archive.ts";
import { commandFor } from "../../src/changes/commands.ts";
import type { HostChange } from "../../src/changes/table.ts";
import type { DesiredContainer } from "../../src/desired/container.ts";
import type { DesiredFile } from "../../src/desired/host.ts";
import { HAPROXY } from "../../src/desired/services.ts";
import { haproxyFact } from "../../src/facts/haproxy.ts";
import { imageFact } from "../../src/facts/image.ts";
import { listenersFact } from "../../src/facts/listeners.ts";
import { lookAt } from "../../src/facts/look.ts";
import { unitsFact } from "../../src/facts/systemd/units.ts";
import { haproxyContainerUnit } from "../../src/render/container-units.ts";
import { sha256 } from "../../src/render/digest.ts";
import type { UnitFile } from "../../src/render/unit-file.ts";
import { haproxyUnit } from "../../src/render/units.ts";
import { hostKeysFromKnownHosts } from "../../src/shell/known-hosts.ts";
import type { RunResult } from "../../src/shell/shell.ts";
import { connectSsh } from "../../src/shell/ssh.ts";
import type { SshShell } from "../../src/shell/ssh.ts";
import { MATERIAL } from "../fixtures/material.ts";
import { until } from "../kube/until.ts";
import { startLab } from "../lab/lab.ts";
import type { Lab } from "../lab/lab.ts";
import { madeImages } from "./support/inside.ts";

/**
 * What facts and changes count on, whatever a unit's ExecStart is made of: the same sentences for a service on the host
 * and in a container, on one host, one after the other.
 */
const PORT = 15_432;
let lab: Lab;
let shell: SshShell;
let container: DesiredContainer;

before(async () => {
  const folder = await madeImages();
  lab = await startLab({ hosts: ["a=21:0"] });
  const { address } = lab.host("a");
  shell = connectSsh({
    name: "a",
    address,
    port: 22,
    user: "root",
    privateKey: readFileSync(lab.sshKeyPath, "utf8"),
    hostKeys: hostKeysFromKnownHosts(readFileSync(lab.knownHostsPath, "utf8"), address, 22),
    hostKeyPolicy: "pinned",
    connectTimeoutMs: 10_000,
  });
  await done({
    kind: "install-packages",
    packages: { names: [HAPROXY.package], services: {}, source: "distribution" },
    missing: [HAPROXY.package],
    maskFirst: [HAPROXY.packagedUnit],
  });
  await done({ kind: "install-engine" });
  const archive = await readImageArchive(join(folder, "haproxy.tar"), "the image");
  await done({ kind: "load-image", title: "HAProxy", archive });
  const inside = await until("the image says what it has", async () => {
    const look = await lookAt(shell, { image: imageFact(archive.id, HAPROXY.container) });
    return look.seen ? look.facts.image.inside : undefined;
  });
  container = { image: archive.id, inside };
});
after(async () => {
  await shell.close();
  await lab.down();
});

async function taken(change: HostChange): Promise<RunResult> {
  return shell.run(commandFor(change, MATERIAL), { deadlineMs: 300_000 });
}

async function done(change: HostChange): Promise<void> {
  const { exitCode, stderr } = await taken(change);
  assert.equal(exitCode, 0, `${change.kind}: ${stderr}`);
}

async function seen() {
  const look = await lookAt(shell, {
    units: unitsFact([{ name: HAPROXY.unit, program: HAPROXY.program }]),
    listeners: listenersFact(),
    haproxy: haproxyFact(HAPROXY),
  });
  assert.ok(look.seen, JSON.stringify(look));
  const unit = look.facts.units[HAPROXY.unit];
  assert.ok(unit !== undefined);
  return { ...look.facts, unit };
}

function configured(mark: string, port = "bind 127.0.0.1"): string {
  return [
    "global",
    `  description ${mark}`,
    `  stats socket ${HAPROXY.socket} mode 600 level admin`,
    "defaults",
    "  mode tcp",
    "  timeout connect 1s",
    "  timeout client 5s",
    "  timeout server 5s",
    "frontend here",
    `  ${port}:${PORT}`,
    "",
  ].join("\n");
}

for (const runtime of ["systemd", "container"] as const)
  describe(`a service of runtime ${runtime}`, () => {
    const isInside = runtime === "container";
    const unitOf = (): UnitFile =>
      isInside ? haproxyContainerUnit(container, 100) : haproxyUnit({ maxConnections: 100 });
    const write = (path: string, content: string): HostChange => {
      const config = path === HAPROXY.config;
      const file: DesiredFile = {
        path,
        content,
        owner: "root",
        group: config ? (isInside ? String(container.inside.gid) : "haproxy") : "root",
        mode: config ? 0o640 : 0o644,
        secret: false,
        ...(config ? { validate: "haproxy" } : {}),
        ...(config && isInside ? { container } : {}),
      };
      return { kind: "write-file", file, before: { kind: "absent" } };
    };
    const reload = (mark: string): HostChange => ({
      kind: "reload-unit",
      unit: HAPROXY.unit,
      reads: HAPROXY.reads,
      proof: { kind: "haproxy", socket: HAPROXY.socket, description: mark, config: HAPROXY.config },
    });

    it("starts, and shows its marks, the files that it was started from, and its image", async () => {
      await done({
        kind: "make-directory",
        directory: { path: HAPROXY.folder, owner: "root", group: "root", mode: 0o755 },
        before: { kind: "absent" },
      });
      await done(write(HAPROXY.config, configured("one")));
      await done(write(HAPROXY.unitFile, unitOf().content));
      await done({ kind: "start-unit", unit: HAPROXY.unit });
      const { unit, haproxy } = await seen();
      assert.equal(unit.activeState, "active");
      assert.equal(unit.startedMark, unitOf().startedMark);
      assert.equal(unit.startedFrom?.[HAPROXY.unitFile], sha256(unitOf().content));
      assert.deepEqual(Object.keys(unit.read ?? {}), HAPROXY.reads);
      assert.equal(unit.image, isInside ? container.image : undefined);
      assert.notEqual(unit.isReplaced, true);
      assert.equal(haproxy?.description, "one");
    });

    it("owns its port, by the name of its unit", async () => {
      const { listeners } = await seen();
      const owners = listeners.filter(({ port }) => port === PORT).map(({ unit, program }) => `${program} ${unit}`);
      assert.deepEqual(owners, [`haproxy ${HAPROXY.unit}`]);
    });

    it("takes another configuration by a reload, as the same process, which is noted", async () => {
      const { unit: before } = await seen();
      await done(write(HAPROXY.config, configured("two")));
      await done(reload("two"));
      const { unit, haproxy } = await seen();
      assert.equal(haproxy?.description, "two");
      assert.deepEqual([unit.mainPid, unit.startedMark], [before.mainPid, before.startedMark]);
      assert.notDeepEqual(unit.read, before.read);
      assert.deepEqual(unit.startedFrom, before.startedFrom);
    });

    it("is not given what its program refuses, and goes on", async () => {
      const { exitCode, stderr } = await taken(write(HAPROXY.config, configured("three", "bound 127.0.0.1")));
      assert.notEqual(exitCode, 0);
      assert.match(stderr, /unknown keyword 'bound'/);
      const { stdout } = await lab.exec("a", `cat ${HAPROXY.config}; ls ${HAPROXY.folder}`);
      assert.ok(stdout.startsWith(configured("two")) && !stdout.includes("pgha-new"), stdout);
      assert.equal((await seen()).haproxy?.description, "two");
    });

    it("is another process after a restart", async () => {
      const { unit: before } = await seen();
      await done({ kind: "restart-unit", unit: HAPROXY.unit });
      const { unit, haproxy } = await seen();
      assert.notEqual(unit.mainPid, before.mainPid);
      assert.deepEqual(
        [unit.activeState, unit.startedMark, haproxy?.description],
        ["active", before.startedMark, "two"],
      );
    });

    it("comes back by itself when its process is killed", async () => {
      const { unit: before } = await seen();
      await lab.exec("a", `kill -KILL ${before.mainPid}`);
      await until("another process serves", async () => {
        const { unit, haproxy } = await seen();
        return haproxy !== undefined && unit.activeState === "active" && unit.mainPid !== before.mainPid;
      });
      assert.equal((await seen()).unit.restarts, before.restarts + 1);
    });

    it("says what it says in the journal of its unit, once", async () => {
      const said = await until("it is in the journal", async () => {
        const invocation = `$(systemctl show -P InvocationID ${HAPROXY.unit})`;
        const asked = `journalctl -q -o cat _SYSTEMD_INVOCATION_ID=${invocation} | grep -c 'New worker'`;
        return Number((await lab.exec("a", asked)).stdout);
      });
      assert.equal(said, 1);
    });

    it("stops for good, and leaves nothing that runs or listens", async () => {
      await done({ kind: "stop-unit", unit: HAPROXY.unit });
      const { unit, listeners } = await seen();
      assert.deepEqual([unit.activeState, unit.unitFileState, unit.mainPid], ["inactive", "disabled", 0]);
      assert.deepEqual(
        listeners.filter(({ port }) => port === PORT),
        [],
      );
      const { stdout } = await lab.exec("a", "docker ps -aq; ls /run/pgha/inside 2>/dev/null; pgrep -a haproxy");
      assert.equal(stdout, "");
    });
  });
