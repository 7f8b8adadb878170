import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { engineFact } from "../../../../src/facts/systemd/engine.ts";
import type { EngineFact } from "../../../../src/facts/systemd/engine.ts";
import { runHere } from "../run-here.ts";
import { removeFolder } from "../../../temporary/remove-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "pgha-engine-"));
const socket = join(folder, "docker.sock");

const INFO = {
  ServerVersion: "26.1.5+dfsg1",
  Architecture: "x86_64",
  Driver: "overlay2",
  DriverStatus: [["Backing Filesystem", "xfs"]],
  DockerRootDir: folder,
  LiveRestoreEnabled: true,
  CgroupDriver: "systemd",
  SecurityOptions: ["name=seccomp,profile=builtin", "name=cgroupns"],
};

async function answering(body: unknown, status = 200): Promise<Server> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/info" ? status : 404, { "content-type": "application/json" });
    response.end(`${JSON.stringify(body)}\n`);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return server;
}

async function ask(body: unknown, status?: number) {
  const server = await answering(body, status);
  try {
    return (await runHere(engineFact(socket))).answer;
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("Docker on a host", () => {
  after(() => removeFolder(folder));

  it("is read from what its daemon says, with the room that it has", async () => {
    const answer = await ask(INFO);
    assert.ok(answer.answers);
    const { freeMiB, ...rest } = answer;
    assert.ok((freeMiB ?? 0) > 0);
    assert.deepEqual(rest, {
      answers: true,
      version: "26.1.5+dfsg1",
      architecture: "amd64",
      driver: "overlay2",
      containerdStore: false,
      root: folder,
      liveRestore: true,
      cgroupDriver: "systemd",
      security: ["seccomp", "cgroupns"],
    });
  });

  it("is told from one that keeps images in containerd, and from one that says little", async () => {
    const containerd = await ask({ ...INFO, DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]] });
    assert.equal(containerd.answers && containerd.containerdStore, true);
    const little = await ask({ DockerRootDir: "/nowhere at all" });
    assert.ok(little.answers);
    assert.deepEqual([little.freeMiB, little.liveRestore, little.cgroupDriver], [undefined, false, "none"]);
  });

  it("that does not answer says why", async () => {
    const why = async (answer: EngineFact | Promise<EngineFact>) => {
      const found = await answer;
      return found.answers ? "answers" : found.why;
    };
    const asked = async (path: string) => (await runHere(engineFact(path))).answer;
    assert.equal(await why(asked(join(folder, "none.sock"))), "absent");
    assert.equal(await why(ask({ message: "no" }, 500)), "nonsense");
    assert.equal(await why(ask("not what was asked")), "nonsense");
    // A file that nobody listens at.
    assert.equal(await why(asked("/etc/hostname")), "refused");
  });

  it("that does not answer is told with what systemd knows of it", () => {
    const { parse } = engineFact();
    const said = (stdout: string) => parse({ exitCode: 0, stdout });
    assert.deepEqual(said("absent\nLoadState=not-found\nActiveState=inactive\n"), {
      answers: false,
      why: "absent",
      loadState: "not-found",
      activeState: "inactive",
    });
    assert.deepEqual(said("refused\nLoadState=masked\nActiveState=failed\n"), {
      answers: false,
      why: "refused",
      loadState: "masked",
      activeState: "failed",
    });
    // No systemctl, no perl: nothing is known, and nothing is there.
    assert.deepEqual(said(""), { answers: false, why: "nonsense", loadState: "not-found", activeState: "inactive" });
  });
});
