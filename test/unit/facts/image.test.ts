import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { serverIn } from "../../../src/desired/container.ts";
import { HAPROXY, PATRONI, PGBOUNCER } from "../../../src/desired/services.ts";
import { imageFact } from "../../../src/facts/image.ts";
import { runHere } from "./run-here.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const ID = `sha256:${"a".repeat(64)}`;
const { parse } = imageFact(ID, PGBOUNCER.container);
const said = (...lines: readonly string[]) => parse({ exitCode: 0, stdout: `${lines.join("\n")}\n` });

describe("an image on a host", () => {
  it("is known by the number of its user and the version of its program", () => {
    assert.deepEqual(said("engine 200", "uid 70", "gid 71", "version PgBouncer 1.24.1", "libevent 2.1.12-stable"), {
      engine: true,
      present: true,
      id: ID,
      inside: { uid: 70, gid: 71, version: "1.24.1" },
    });
    const haproxy = imageFact(ID, HAPROXY.container).parse({
      exitCode: 0,
      stdout: "engine 200\nuid 0\ngid 0\nversion HAProxy version 3.0.11-1+deb13u2 2025/10/03 - https://haproxy.org/\n",
    });
    assert.deepEqual(haproxy.inside, { uid: 0, gid: 0, version: "3.0.11" });
  });

  it("is not there, or cannot be asked about", () => {
    assert.deepEqual([said("engine 404").engine, said("engine 404").present], [true, false]);
    for (const word of ["none", "500"]) {
      const fact = said(`engine ${word}`);
      assert.deepEqual([fact.engine, fact.present], [false, undefined], word);
    }
  });

  it("is known from before while Docker is away, so that what runs is still looked after", () => {
    assert.deepEqual(said("engine none", "uid 70", "gid 71", "version PgBouncer 1.24.1").inside, {
      uid: 70,
      gid: 71,
      version: "1.24.1",
    });
  });

  it("tells which servers of PostgreSQL it has, where Patroni is to run, and each of them once", () => {
    const { inside } = imageFact(ID, PATRONI.container).parse({
      exitCode: 0,
      stdout: [
        "engine 200",
        "uid 999",
        "gid 999",
        "server /usr/lib/postgresql/16/bin/postgres postgres (PostgreSQL) 16.2 (Debian 16.2-1.pgdg120+2)",
        "server /usr/lib/postgresql/17/bin/postgres postgres (PostgreSQL) 17rc1",
        "server /usr/lib/postgresql/16/bin/postgres postgres (PostgreSQL) 16.2 (Debian 16.2-1.pgdg120+2)",
        "version patroni 4.0.6",
        "",
      ].join("\n"),
    });
    assert.deepEqual(inside, {
      uid: 999,
      gid: 999,
      version: "4.0.6",
      servers: [
        { version: "16.2", bin: "/usr/lib/postgresql/16/bin" },
        { version: "17", bin: "/usr/lib/postgresql/17/bin" },
      ],
    });
    assert.ok(inside !== undefined && serverIn(inside, 15) === undefined);
    assert.equal(serverIn(inside, 16)?.bin, "/usr/lib/postgresql/16/bin");
  });

  it("says in its own words what is not in it", () => {
    const { inside, fault } = said("engine 200", "fault there is no psql in it");
    assert.deepEqual([inside, fault], [undefined, "there is no psql in it"]);
    assert.match(said("engine 200").fault ?? "", /did not say/);
  });

  it("is known by its content, whatever name it was asked for by, and while Docker is away as before", async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "pgha-image-"));
    context.after(() => removeFolder(folder));
    writeFileSync(join(folder, "docker"), "#!/bin/sh\necho uid 70; echo gid 71; echo version x 1.24.1\n");
    chmodSync(join(folder, "docker"), 0o755);
    const asked: string[] = [];
    const engine = createServer((socket) => {
      socket.once("data", (data) => {
        asked.push(data.toString("utf8").split("\r\n")[0] ?? "");
        socket.end(`HTTP/1.0 200 OK\r\nApi-Version: 1.47\r\n\r\n{"Id":"${ID}","RepoTags":[],"Size":12}`);
      });
    });
    context.after(() => engine.close());
    await new Promise<void>((done) => void engine.listen(join(folder, "docker.sock"), done));
    const name = `registry.example.com:5000/team/any@sha256:${"9".repeat(64)}`;
    const fact = imageFact(name, PGBOUNCER.container);
    const script = fact.command.script
      .replaceAll("/run/pgha/images", join(folder, "images"))
      .replaceAll("/run/docker.sock", join(folder, "docker.sock"));
    const environment = { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
    const ask = async () => (await runHere({ ...fact, command: { script, display: "" } }, environment)).answer;
    const there = await ask();
    assert.deepEqual([there.engine, there.present, there.id, there.inside?.uid], [true, true, ID, 70]);
    assert.deepEqual(asked, [`GET /images/${name}/json HTTP/1.0`]);
    await new Promise((done) => void engine.close(done));
    const away = await ask();
    assert.deepEqual([away.engine, away.id, away.inside?.uid], [false, ID, 70]);
  });

  for (const [how, docker, isKnown] of [
    ["said all, however late Docker's client ends", "echo uid 70; echo gid 71; echo version x 1.24.1; exit 124", true],
    ["did not come to an end", "echo uid 70; exit 124", false],
  ] as const)
    it(`is ${isKnown ? "known, and kept," : "not known, and not kept,"} when it ${how}`, async (context) => {
      const folder = mkdtempSync(join(tmpdir(), "pgha-image-"));
      context.after(() => removeFolder(folder));
      for (const [name, text] of [
        ["docker", docker],
        ["perl", "printf 200"],
      ] as const) {
        writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
        chmodSync(join(folder, name), 0o755);
      }
      const fact = imageFact(ID, PGBOUNCER.container);
      const script = fact.command.script.replaceAll("/run/pgha/images", join(folder, "images"));
      const environment = { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
      const { answer } = await runHere({ ...fact, command: { script, display: "" } }, environment);
      assert.equal(answer.inside !== undefined, isKnown);
      assert.equal(
        readdirSync(join(folder, "images")).some((name) => name.endsWith(".pgbouncer")),
        isKnown,
      );
    });
});
