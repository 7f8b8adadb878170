import { HAPROXY } from "../../../src/desired/services.ts";
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { haproxyFact } from "../../../src/facts/haproxy.ts";
import { heldServers } from "../../../src/reconcilers/haproxy-pool/held.ts";
import type { HeldWish } from "../../../src/reconcilers/haproxy-pool/held.ts";
import { runHere } from "../../unit/facts/run-here.ts";
import { setTimeout as pause } from "node:timers/promises";
import { renderHAProxyCfg } from "../../../src/render/haproxy-cfg.ts";
import { haproxyUnit } from "../../../src/render/units.ts";
import { haproxyInput } from "../../fixtures/render/inputs.ts";
import { startFakeMembers } from "./fake-members.ts";
import type { FakeMembers } from "./fake-members.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const program =
  [process.env["PGHA_HAPROXY"], "/usr/sbin/haproxy"].find((path) => path !== undefined && existsSync(path)) ?? "";
const skip = program === "" ? "no haproxy on this machine; PGHA_HAPROXY may name one" : false;
const ports = { write: 25432, read: 25433, stats: 28404 };

const DOWN = "0";
const UP = "2";

describe("haproxy.cfg in a real HAProxy", { skip }, () => {
  const directory = mkdtempSync("/tmp/pgha-haproxy-");
  const config = `${directory}/haproxy.cfg`;
  const inDirectory = (text: string) => text.replaceAll(HAPROXY.runtimeDirectory, directory);
  let members: FakeMembers;
  let haproxy: ChildProcess | undefined;

  before(async () => {
    members = await startFakeMembers("127.0.0.4");
    writeConfig();
  });

  after(async () => {
    haproxy?.kill("SIGTERM");
    await members.stop();
    removeFolder(directory);
  });

  it("is valid, and warns of nothing but the state that no reload has left yet", () => {
    writeFileSync(`${directory}/field.cfg`, renderHAProxyCfg(haproxyInput).content);
    const { status, stderr } = spawnSync(program, ["-c", "-f", `${directory}/field.cfg`], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.deepEqual(
      stderr.split("\n").filter((line) => /WARNING|ALERT/.test(line) && !line.includes("server-state")),
      [],
    );
  });

  it("sends writes to the leader alone, from the first moment on (F40), and reads to replicas", async () => {
    haproxy = spawn(program, ["-W", "-f", config], { stdio: "ignore" });
    const seen = await dialFor(2500, ports.write);
    assert.deepEqual(
      seen.filter((answer) => answer !== "" && answer !== "127.0.0.4"),
      [],
    );
    assert.equal(seen.at(-1), "127.0.0.4");
    const reads = new Set([
      await dial(ports.read),
      await dial(ports.read),
      await dial(ports.read),
      await dial(ports.read),
    ]);
    assert.deepEqual(reads, new Set(["127.0.0.2", "127.0.0.3"]));
  });

  it("tells Prometheus what it knows, and people on the page beside it", async () => {
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${ports.stats}${path}`)).text();
    assert.match(
      await get("/metrics"),
      /^haproxy_server_status\{proxy="postgres_write",server="db-2",state="UP"\} 1$/m,
    );
    assert.match(await get("/"), /<title>Statistics Report/);
  });

  it("refuses nobody and misleads nobody when it is reloaded the way the unit does it", async () => {
    saveServerState();
    haproxy?.kill("SIGUSR2");
    assert.deepEqual(new Set(await dialFor(2500, ports.write)), new Set(["127.0.0.4"]));
  });

  it("knows from the first moment after a reload who is down, before a check of its own", async () => {
    const before = await serverStates();
    assert.deepEqual(before, {
      "postgres_write/db-0": DOWN,
      "postgres_write/db-1": DOWN,
      "postgres_write/db-2": UP,
      "postgres_read/db-0": UP,
      "postgres_read/db-1": UP,
      "postgres_read/db-2": DOWN,
    });
    // Checks that are an hour apart start ten minutes apart, all but the first one: what is known then was told.
    const description = writeConfig({ ...haproxyInput.checks, intervalMs: 3_600_000, fastIntervalMs: 3_600_000 });
    saveServerState();
    haproxy?.kill("SIGUSR2");
    await until(async () => (await ask("show info")).split("\n").includes(`description: ${description}`));
    assert.deepEqual(await serverStates(), before);
    assert.deepEqual(
      new Set([await dial(ports.read), await dial(ports.read), await dial(ports.read)]),
      new Set(["127.0.0.2", "127.0.0.3"]),
    );
    const restored = writeConfig();
    saveServerState();
    haproxy?.kill("SIGUSR2");
    await until(async () => (await ask("show info")).includes(restored));
  });

  it("goes by no state of an earlier reload when there is none to be had", () => {
    writeFileSync(`${directory}/server-state`, "old");
    assert.throws(() => saveServerState(`${directory}/nobody.sock`));
    assert.equal(existsSync(`${directory}/server-state`), false);
  });

  it("cuts the sessions of a server that lost its role, and leads to the next (F40)", async () => {
    const held = connect(ports.write, "127.0.0.1");
    const cut = new Promise<true>((resolve) =>
      held
        .on("close", () => resolve(true))
        .on("error", () => held.destroy())
        .resume(),
    );
    await until(async () => (await dial(ports.write)) === "127.0.0.4");
    members.lead("127.0.0.3");
    assert.ok(await Promise.race([cut, pause(5000, false)]));
    await until(async () => (await dial(ports.write)) === "127.0.0.3");
  });

  it("what somebody sets at the socket is said, and the command that is printed takes it back", async () => {
    const wish: HeldWish = {
      resource: "HAProxyPool/lb",
      cluster: "PostgresHACluster/pg",
      host: "proxy-1",
      socket: inDirectory(HAPROXY.socket),
      members: members.addresses.map((address, index) => ({ name: `db-${index}`, address })),
      postgresqlPort: members.postgresqlPort,
    };
    const held = async () =>
      heldServers(wish, (await runHere(haproxyFact({ ...HAPROXY, socket: wish.socket }))).answer);
    assert.deepEqual(await held(), []);
    for (const [command, why] of [
      ["set server postgres_write/db-0 state maint", /postgres_write\/db-0 is in maintenance/],
      ["set server postgres_write/db-0 state drain", /postgres_write\/db-0 is drained/],
      ["disable health postgres_write/db-2", /postgres_write\/db-2 is not checked any more/],
      ["set weight postgres_read/db-0 0", /postgres_read\/db-0 has another weight/],
      ["set server postgres_write/db-0 addr 127.0.0.9", /postgres_write\/db-0 leads to 127\.0\.0\.9 port/],
      ["disable frontend write", /the frontend write takes no connections/],
    ] as const) {
      await ask(command);
      const [found, ...others] = await held();
      assert.deepEqual([found?.reason, found?.scope, others], ["ProxyHeld", "disruptive", []], command);
      assert.match(found?.why ?? "", why);
      execFileSync("/bin/sh", ["-c", found?.wayOut.split("as root: ")[1] ?? "false"], { stdio: "ignore" });
      assert.deepEqual(await held(), [], command);
    }
  });

  /** Gives the description that is shown once it is loaded. */
  function writeConfig(checks = haproxyInput.checks): string {
    const named = members.addresses.map((address, index) => ({ name: `db-${index}`, address }));
    const { restApiPort, postgresqlPort } = members;
    const { content, description } = renderHAProxyCfg({
      ...haproxyInput,
      checks,
      members: named,
      restApiPort,
      postgresqlPort,
      bindAddresses: ["127.0.0.1"],
      ports,
    });
    writeFileSync(config, inDirectory(content));
    return description;
  }

  /** The unit's own command for it. systemd makes one dollar sign of two. */
  function saveServerState(socket = inDirectory(HAPROXY.socket)): void {
    const [, , code = ""] =
      /^ExecReload=-(\/usr\/bin\/perl -MIO::Socket::UNIX -e) '(.*)'$/m.exec(haproxyUnit().content) ?? [];
    execFileSync(
      "/usr/bin/perl",
      [
        "-MIO::Socket::UNIX",
        "-e",
        inDirectory(code.replaceAll(HAPROXY.socket, socket).replaceAll("$$", "$").replaceAll("\\n", "\n")),
      ],
      { stdio: "ignore" },
    );
    assert.ok(existsSync(`${directory}/server-state`));
  }

  /** What the running process says on its socket; "" when it does not. */
  async function ask(question: string): Promise<string> {
    return new Promise((resolve) => {
      let answer = "";
      const socket = connect(inDirectory(HAPROXY.socket), () => socket.write(`${question}\n`));
      socket
        .on("error", () => socket.destroy())
        .on("data", (data) => (answer += data.toString()))
        .on("close", () => resolve(answer));
    });
  }

  /** `backend/server` to srv_op_state: https://docs.haproxy.org/2.6/management.html#9.3-show%20servers%20state */
  async function serverStates(): Promise<Readonly<Record<string, string>>> {
    const lines = (await ask("show servers state"))
      .split("\n")
      .filter((line) => /^\d+ \w/.test(line))
      .map((line) => line.split(" "));
    return Object.fromEntries(lines.map(([, backend, , server, , state = ""]) => [`${backend}/${server}`, state]));
  }
});

/** What the server behind the port says first; "" when the connection is refused or closed before that. */
async function dial(port: number): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1");
    socket.setTimeout(3000, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => {
      answer += data.toString();
      socket.destroy();
    });
    socket.on("close", () => resolve(answer.trim()));
  });
}

async function dialFor(milliseconds: number, port: number): Promise<readonly string[]> {
  const answers: string[] = [];
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    answers.push(await dial(port));
    await pause(10);
  }
  return answers;
}

async function until(good: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await good())) {
    assert.ok(Date.now() < end, "not within ten seconds");
    await pause(20);
  }
}
