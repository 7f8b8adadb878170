import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { text } from "node:stream/consumers";
import { insideOf } from "../../../src/desired/container.ts";
import { notesOf } from "../../../src/desired/notes.ts";
import { PGBOUNCER } from "../../../src/desired/services.ts";
import { containerScript } from "../../../src/render/container-script.ts";
import type { ContainerRun } from "../../../src/render/container-script.ts";
import { until } from "../../kube/until.ts";
import { FakeDocker } from "./fake-docker.ts";

const IMAGE = `sha256:${"a".repeat(64)}`;

describe("what a unit runs around a container", { timeout: 60_000 }, () => {
  let docker: FakeDocker;
  let script: string;
  /** Of a service that is never killed, and whose words go past Docker. */
  let ofPatience: string;
  const start = (invocation: string, unit = "u1"): ChildProcess => docker.start(script, unit, invocation);
  const runs = (): boolean => docker.read(inside) !== "" && docker.read("notified") !== "";
  const isUp = async (): Promise<unknown> => until("the container runs", runs, 10_000, 10);
  const inside = insideOf(PGBOUNCER.unit).slice(1);
  const notes = (): readonly string[] => readFileSync(join(docker.folder, notesOf(PGBOUNCER.unit)), "utf8").split("\n");

  beforeEach(() => {
    docker = new FakeDocker();
    const { folder } = docker;
    for (const path of [...PGBOUNCER.reads, PGBOUNCER.unitFile]) {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      writeFileSync(join(folder, path), "a text");
    }
    mkdirSync(join(folder, "run"));
    const sockets = join(folder, "sockets");
    const written = (run: Partial<ContainerRun>): string =>
      containerScript({ ...plain, ...run })
        .replaceAll(/(?<=[ =>"])\/(?=etc\/|run\/pgha)/g, `${folder}/`)
        .replaceAll("/sockets", sockets);
    const plain: ContainerRun = {
      service: PGBOUNCER,
      container: {
        image: IMAGE,
        inside: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, version: "1.24.1" },
      },
      arguments: [PGBOUNCER.config],
      reads: [PGBOUNCER.folder],
      runtimeDirectory: "/sockets",
      isReady: "[ -e /sockets/ready ]",
      stop: { signal: "TERM", seconds: 5 },
    };
    script = written({});
    ofPatience = written({ pipe: ".log", stop: { signal: "TERM", seconds: 5, neverKills: true } });
  });
  afterEach(() => docker.close());

  it("holds no single quote, which would end it in the unit", () => {
    assert.doesNotMatch(script, /'/);
  });

  it("starts it, says that it is ready when it is, and notes what it was started from", async () => {
    start("i1");
    await isUp();
    assert.match(docker.read(inside), new RegExp(String.raw`^${docker.pid} \d+ \d+ ${IMAGE}$`));
    assert.equal(docker.read("notified"), "--ready");
    const created = docker.read("created");
    assert.match(created, /--network host .*--userns host /);
    assert.ok(created.endsWith(` --entrypoint pgbouncer ${IMAGE} ${docker.folder}${PGBOUNCER.config}`), created);
    assert.deepEqual(
      notes().map((line) => line.split(" ").slice(0, 2).join(" ")),
      ["i1 from", "i1 read", "i1 read", ""],
    );
  });

  for (const isDown of [false, true])
    it(`ends it when it is told to end${isDown ? ", also while Docker is away" : ""}`, async () => {
      const unit = start("i1");
      await isUp();
      const { pid } = docker;
      docker.down(isDown);
      unit.kill("SIGTERM");
      assert.deepEqual(await once(unit, "exit"), [0, null]);
      assert.equal(docker.read(inside), "");
      assert.throws(() => process.kill(pid, 0), /ESRCH/);
    });

  it("ends as it ended, so that systemd starts another", async () => {
    const unit = start("i1");
    await isUp();
    process.kill(docker.pid, "SIGKILL");
    assert.deepEqual(await once(unit, "exit"), [3, null]);
    assert.equal(docker.read(inside), "");
  });

  it("ends with it though Docker's client waits on, as where somebody has Docker start it anew", async () => {
    const unit = start("i1");
    await isUp();
    writeFileSync(join(docker.folder, "waits"), "");
    process.kill(docker.pid, "SIGKILL");
    const [code] = (await once(unit, "exit")) as [number | null];
    assert.notEqual(code, 0);
    assert.equal(docker.read(inside), "");
  });

  it("leaves it alone when Docker goes and comes back, and attaches again", async () => {
    const unit = start("i1");
    await isUp();
    const { pid } = docker;
    docker.down(true);
    await until("it asks for Docker", () => docker.read("calls").endsWith("version\nversion"), 10_000, 20);
    docker.down(false);
    await until("it attaches", () => docker.read("calls").includes("attach"), 10_000, 20);
    assert.deepEqual([docker.pid, unit.exitCode], [pid, null]);
    unit.kill("SIGTERM");
    assert.deepEqual(await once(unit, "exit"), [0, null]);
  });

  it("hears what it says through its pipe while Docker is away, by another script as well, and to the end", async () => {
    const first = docker.start(ofPatience, "u1", "i1");
    await isUp();
    docker.down(true);
    process.kill(docker.pid, "SIGHUP");
    const said = (words: string, times: number): boolean => docker.read("said").split(words).length > times;
    await until("it is heard", () => said("it was told HUP", 1), 10_000, 20);
    // As systemd does, with all that it started.
    const group = first.pid ?? assert.fail();
    process.kill(-group, "SIGKILL");
    await once(first, "exit");
    // What its reader took and did not pass on would be heard by nobody.
    await until(
      "nothing of it is left",
      () => spawnSync("pgrep", ["-g", `${group}`, "-r", "DRST"]).status === 1,
      10_000,
      20,
    );
    process.kill(docker.pid, "SIGHUP");
    docker.down(false);
    const second = docker.start(ofPatience, "u1", "i2");
    await until("what was said meanwhile is heard", () => said("it was told HUP", 2), 10_000, 20);
    await until("it is taken up", () => notes()[0]?.startsWith("i2 from ") ?? false, 10_000, 20);
    second.kill("SIGTERM");
    assert.deepEqual(await once(second, "exit"), [0, null]);
    assert.ok(said("its last words", 1), docker.read("said"));
    assert.match(docker.read("created"), /--entrypoint sh sha256:a+ -c exec 3<>\S+\/\.log; exec pgbouncer .* >&3 2>&3/);
  });

  it("takes up one that outlived it, and hands on what is known of it", async () => {
    const first = start("i1");
    await isUp();
    const { pid } = docker;
    first.kill("SIGKILL");
    await once(first, "exit");
    start("i2");
    await until("it is taken up", () => notes()[0]?.startsWith("i2 from ") ?? false, 10_000, 20);
    await until("it attaches", () => docker.read("calls").includes("attach"), 10_000, 20);
    assert.equal(docker.pid, pid);
    assert.deepEqual(docker.read("calls").match(/^create$/gm)?.length, 1);
  });

  it("does not take up one that somebody had Docker start anew: it has read who knows what", async () => {
    const first = start("i1");
    await isUp();
    first.kill("SIGKILL");
    await once(first, "exit");
    writeFileSync(join(docker.folder, inside), "1 0 0 x\n");
    start("i2");
    await until("another one is made", () => docker.read("calls").match(/^create$/gm)?.length === 2, 10_000, 20);
    assert.match(docker.read("calls"), /^stop$/m);
  });

  it("passes on what people signal to a unit's process", async () => {
    const unit = start("i1");
    await isUp();
    unit.kill("SIGHUP");
    await until("it heard", () => docker.read("signals") === "HUP", 10_000, 20);
    assert.equal(unit.exitCode, null);
  });

  it("ends one that was started from another unit before it starts its own", async () => {
    const first = start("i1");
    await isUp();
    const { pid } = docker;
    first.kill("SIGKILL");
    await once(first, "exit");
    start("i2", "u2");
    await until(
      "another one runs",
      () => docker.pid !== pid && docker.read("label") === "u2" && docker.pid > 0,
      10_000,
      20,
    );
    await until("its notes are made", () => notes()[0]?.startsWith("i2 from ") ?? false, 10_000, 20);
  });

  it("touches none of other hands, whatever it is called", async () => {
    writeFileSync(join(docker.folder, "label"), "<no value>\n");
    const unit = start("i1");
    const said = text(unit.stderr as NonNullable<typeof unit.stderr>);
    assert.deepEqual(await once(unit, "exit"), [1, null]);
    assert.match(await said, /pgha-pgbouncer is not one of pgha.*rename or remove it/);
    assert.doesNotMatch(docker.read("calls"), /stop|rm|create/);
  });
});
