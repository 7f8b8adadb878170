import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Clients } from "../../../bench/clients.ts";
import { holdWay } from "../../../src/changes/hold-way.ts";
import { replacePooler } from "../../../src/changes/keep-former.ts";
import { makeVerifier } from "../../../src/credentials/scram.ts";
import { sensitive } from "../../../src/credentials/sensitive.ts";
import { PGBOUNCER } from "../../../src/desired/services.ts";
import { pgbouncerFact } from "../../../src/facts/pgbouncer.ts";
import { renderPgBouncer } from "../../../src/render/pgbouncer-ini.ts";
import { isAtLeast } from "../../../src/render/pgbouncer-version.ts";
import { setVerifier } from "../../../src/render/sql.ts";
import { pgbouncerUnit } from "../../../src/render/units.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { pgbouncerInput } from "../../fixtures/render/inputs.ts";
import { until } from "../../kube/until.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";
import { serverPrograms, startPostgres } from "../render/temporary-postgres.ts";
import type { TemporaryPostgres } from "../render/temporary-postgres.ts";
import { PGBOUNCER_PROGRAM, PGBOUNCER_VERSION } from "./temporary-pgbouncer.ts";

const programs = serverPrograms();
const [ROLE, PASSWORD] = ["app", "the password of the Secret 1"];
const [PORT, OTHER] = [26434, 26435];
const drains = isAtLeast(PGBOUNCER_VERSION, 23);

describe("a real PgBouncer that another takes the place of", { skip: programs === undefined, timeout: 180_000 }, () => {
  let postgres: TemporaryPostgres;
  let host: FakeHost;
  // As over HAProxy, it is TCP.
  const upstream = createServer((socket) => {
    const server = connect(`${postgres.directory}/.s.PGSQL.5432`);
    for (const one of [socket, server]) one.on("error", () => undefined);
    socket.pipe(server).pipe(socket);
  });
  const verifier = makeVerifier(sensitive(PASSWORD)).reveal();

  before(async () => {
    postgres = startPostgres(programs ?? "");
    await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
    postgres.psql(
      [`CREATE ROLE ${ROLE} LOGIN;`, setVerifier(ROLE, verifier), `GRANT CREATE ON SCHEMA public TO ${ROLE};`].join(
        "\n",
      ),
    );
  });
  after(() => {
    upstream.close();
    postgres.stop();
  });
  beforeEach(async () => {
    host = new FakeHost((upstream.address() as AddressInfo).port, verifier);
    await host.start();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (clients) => clients.stop().catch(() => undefined)));
    host.end();
  });

  const opened: Clients[] = [];
  let tables = 0;
  const open = async (port: number, renewMs?: number) => {
    const clients = await Clients.start({
      places: [{ host: "127.0.0.1", port }],
      user: ROLE,
      password: PASSWORD,
      database: "postgres",
      table: `clients_${(tables += 1)}`,
      connections: 6,
      pauseMs: 20,
      ...(renewMs === undefined ? {} : { renewMs }),
    });
    opened.push(clients);
    return clients;
  };
  const more = async (clients: Clients, count = 60) => {
    const enough = clients.acknowledged + count;
    await until("more was acknowledged", () => clients.acknowledged >= enough || clients.failed > 0, 20_000, 20);
  };

  it("a changed port: who knows the one before is served there, old connections and new, until the time is over", async () => {
    const clients = await open(PORT);
    host.write({ port: OTHER });
    await host.replace({ seconds: 60, listens: true });
    await more(clients);
    const [before, now] = [await open(PORT, 200), await open(OTHER)];
    await Promise.all([more(before), more(now)]);
    assert.deepEqual(await host.former(), { port: PORT, listens: true });
    const reports = await Promise.all([clients, before, now].map(async (each) => each.stop()));
    for (const { failures, lost, twice } of reports) assert.deepEqual([[...failures], lost, twice], [[], 0, 0]);
    host.stopFormer();
    await until("the former port is closed", async () => !(await host.answers(PORT)), 10_000, 50);
    assert.equal(await host.answers(OTHER), true);
    await until("nothing is left of it", async () => (await host.former()) === undefined, 10_000, 50);
  });

  it("at the end a transaction goes on, and who waits is told", async () => {
    const clients = await open(PORT);
    host.write({ port: OTHER });
    await host.replace({ seconds: 60, listens: true });
    const child = spawn("psql", ["-XAtqw", "-h", "127.0.0.1", "-p", `${PORT}`, "-U", ROLE, "-d", "postgres"], {
      env: { ...process.env, PGPASSWORD: PASSWORD },
      stdio: ["pipe", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => void (said += chunk.toString()));
    child.stdin.end("BEGIN; SELECT 'begun'; SELECT pg_sleep(2); SELECT 'whole'; COMMIT;\n\\echo over\n");
    await until("it is in the middle", () => said.includes("begun"), 10_000, 20);
    host.stopFormer();
    await until("the former port is closed", async () => !(await host.answers(PORT)), 10_000, 50);
    await until("it is over", () => child.exitCode !== null, 10_000, 50);
    assert.match(said, /whole\nover/);
    const { lost, twice } = await clients.stop().catch(() => ({ lost: 0, twice: 0 }));
    assert.deepEqual([lost, twice], [0, 0]);
  });

  it("a pause of a switchover is one of both, and ends by itself in both", async () => {
    const before = await open(PORT);
    host.write({ port: OTHER });
    await host.replace({ seconds: 60, listens: true });
    const now = await open(OTHER);
    await Promise.all([more(before), more(now)]);
    const { ready, ended } = host.hold();
    await ready;
    // What was under way has ended, and nobody is told anything else.
    const counts = () => [before.acknowledged, now.acknowledged];
    const held = counts();
    await pause(1_000);
    assert.deepEqual(counts(), held);
    assert.match((await ended).stderr, /nobody renewed the lease/);
    await Promise.all([more(before), more(now)]);
    for (const clients of [before, now]) assert.deepEqual([...(await clients.stop()).failures], []);
  });

  it("one that does not come up takes nobody's place", async () => {
    const clients = await open(PORT);
    host.write({ port: OTHER, parameters: { pkt_buf: "no number" } });
    await assert.rejects(host.replace({ seconds: 60, listens: true }), /did not come up, so the one before goes on/);
    await more(clients);
    assert.deepEqual([[...(await clients.stop()).failures], await host.former()], [[], undefined]);
    // Its console is where it was.
    assert.equal((await host.fact())?.config["listen_port"], `${PORT}`);
    host.write({ port: OTHER });
    await host.replace({ seconds: 60, listens: true });
    assert.deepEqual(await host.former(), { port: PORT, listens: true });
  });

  it(
    "on the same port: who is connected stays until he leaves, and new ones come to the other",
    { skip: !drains },
    async (test) => {
      const [kept, clients] = [await open(PORT), await open(PORT, 300)];
      host.write({ parameters: { pkt_buf: 8192 } });
      await host.replace({ seconds: 60, listens: false });
      assert.deepEqual(await host.former(), { port: PORT, listens: false });
      assert.equal((await host.fact())?.config["pkt_buf"], "8192");
      await Promise.all([more(kept), more(clients)]);
      const { failures: others } = await kept.stop();
      assert.deepEqual([...others], []);
      await until("all who were connected left", async () => (await host.former()) === undefined, 20_000, 100);
      await more(clients);
      const { failures, lost, twice, longestMs } = await clients.stop();
      test.diagnostic(`longest wait ${(longestMs / 1000).toFixed(2)} s`);
      assert.deepEqual([[...failures], lost, twice], [[], 0, 0]);
      // What it removed at its end was not the other's.
      assert.equal((await host.fact())?.config["pkt_buf"], "8192");
    },
  );
});

/** What systemd and its unit do of this, with the unit's own lines. */
class FakeHost {
  readonly #directory = mkdtempSync("/tmp/pgha-replace-");
  readonly #upstream: number;
  readonly #verifier: string;

  constructor(upstream: number, verifier: string) {
    this.#upstream = upstream;
    this.#verifier = verifier;
    const d = this.#directory;
    for (const folder of ["bin", "sockets", "run", "cgroup"]) mkdirSync(`${d}/${folder}`);
    writeFileSync(`${d}/log`, "");
    execFileSync("chown", ["postgres:postgres", `${d}/sockets`, `${d}/log`]);
    execFileSync("chmod", ["755", d]);
    const [, reload = ""] = [...pgbouncerUnit().content.matchAll(/^ExecReload=-?\+?\/bin\/sh -c '(.*)'$/gm)].map(
      ([, script = ""]) => this.#moved(script.replaceAll("$$", "$").replaceAll("%%", "%")),
    );
    writeFileSync(`${d}/reload`, `{ ${reload}\n} >>${d}/log 2>&1\n`);
    this.#program(
      "systemctl",
      `case "$*" in
*MainPID*) cat ${d}/main ;;
*NeedDaemonReload*) echo no ;;
reload*) MAINPID=$(cat ${d}/main) ${AS_POOLER} sh ${d}/reload && cp ${d}/sockets/pid ${d}/main ;;
esac`,
    );
    this.#program("systemd-notify", `: >${d}/ready`);
    this.#program("journalctl", `cat ${d}/log ${d}/kept 2>/dev/null`);
    this.#program(
      "systemd-run",
      `rm -f ${d}/ready; for last; do :; done
setsid sh "$last" >${d}/kept 2>&1 </dev/null & p=$!
echo $p >${d}/keeper; mkdir -p ${d}/cgroup/former
( while kill -0 $p 2>/dev/null; do sleep 0.1; done; rmdir ${d}/cgroup/former ) >/dev/null 2>&1 &
until [ -e ${d}/ready ]; do kill -0 $p 2>/dev/null || exit 1; sleep 0.05; done`,
    );
  }

  write({
    port = PORT,
    parameters = {},
  }: {
    readonly port?: number;
    readonly parameters?: Record<string, string | number>;
  }) {
    const { ini, userlist } = renderPgBouncer({
      ...pgbouncerInput,
      version: PGBOUNCER_VERSION,
      port,
      listenAddresses: ["127.0.0.1"],
      upstream: { addresses: ["127.0.0.1"], port: this.#upstream },
      databases: ["postgres"],
      users: [{ name: ROLE, verifier: this.#verifier }],
      parameters,
    });
    writeFileSync(`${this.#directory}/pgbouncer.ini`, this.#moved(ini));
    writeFileSync(`${this.#directory}/userlist.txt`, userlist);
    execFileSync("chown", ["postgres:postgres", `${this.#directory}/pgbouncer.ini`, `${this.#directory}/userlist.txt`]);
  }

  /** As systemd starts it: with mounts of its own. */
  async start(): Promise<void> {
    this.write({});
    const d = this.#directory;
    const words = `echo $$ >${d}/main; exec unshare -m ${AS_POOLER} ${PGBOUNCER_PROGRAM} ${d}/pgbouncer.ini >>${d}/log 2>&1`;
    spawn("sh", ["-c", words], { stdio: "ignore", detached: true }).unref();
    await until("it listens", () => existsSync(`${d}/sockets/.s.PGSQL.${PORT}`), 10_000, 20);
  }

  async replace(how: Parameters<typeof replacePooler>[0]): Promise<void> {
    const { exitCode, stderr } = await this.#shell().run(replacePooler(how), { deadlineMs: 30_000 });
    if (exitCode !== 0) throw new Error(stderr);
  }

  /** Has clients wait, by nobody who would renew it. */
  hold() {
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const command = holdWay(
      { host: "p-1", proxy: false, pooler: { port: OTHER } },
      { to: "db-2", api: { address: "127.0.0.1", port: 1 }, others: ["db-1"], force: false },
      MATERIAL,
    );
    const ended = this.#shell().run(command, {
      deadlineMs: 30_000,
      holdUntil: new Promise(() => undefined),
      onLine: said,
    });
    return { ready: Promise.race([ready, ended]), ended };
    function said(line: string): void {
      if (line === "ready") resolve();
    }
  }

  async fact() {
    const { command, parse } = pgbouncerFact(PGBOUNCER);
    const { exitCode, stdout } = await this.#shell().run(command, { deadlineMs: 10_000 });
    return parse({ exitCode, stdout });
  }

  async former() {
    const { former } = (await this.fact()) ?? {};
    if (former === undefined) return undefined;
    const { until: end, ...others } = former;
    assert.ok(end * 1000 > Date.now() - 1000 && end * 1000 < Date.now() + 61_000);
    return others;
  }

  /** As a stop of its unit does. */
  stopFormer(): void {
    process.kill(Number(readFileSync(`${this.#directory}/keeper`, "utf8")), "SIGTERM");
  }

  async answers(port: number): Promise<boolean> {
    const words = ["-XAtqw", "-h", "127.0.0.1", "-p", `${port}`, "-U", ROLE, "-d", "postgres", "-c", "SELECT 1"];
    const child = spawn("psql", words, {
      env: { ...process.env, PGPASSWORD: PASSWORD },
      stdio: "ignore",
      timeout: 5_000,
    });
    const [code] = (await once(child, "exit")) as [number | null];
    return code === 0;
  }

  end(): void {
    const d = this.#directory;
    const known = ["keeper", "main"].flatMap((file) =>
      existsSync(`${d}/${file}`) ? [readFileSync(`${d}/${file}`, "utf8")] : [],
    );
    const own = execFileSync("sh", ["-c", `pgrep -f '[p]gbouncer ${d}/pgbouncer.ini' || true`], { encoding: "utf8" });
    for (const pid of [...known, ...own.split("\n")].map(Number).filter((pid) => pid > 1))
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It is gone.
      }
    removeFolder(d);
  }

  #program(name: string, script: string): void {
    writeFileSync(`${this.#directory}/bin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(`${this.#directory}/bin/${name}`, 0o755);
  }

  #shell() {
    return localShell((script) => `PATH=${this.#directory}/bin:$PATH\n${this.#moved(script)}`);
  }

  #moved(script: string): string {
    const d = this.#directory;
    return script
      .replaceAll(PGBOUNCER.former.socketDirectory, `${d}/former`)
      .replaceAll(PGBOUNCER.socketDirectory, `${d}/sockets`)
      .replaceAll("/run/pgha", `${d}/run`)
      .replaceAll(PGBOUNCER.config, `${d}/pgbouncer.ini`)
      .replaceAll(PGBOUNCER.userlist, `${d}/userlist.txt`)
      .replaceAll(PGBOUNCER.program, PGBOUNCER_PROGRAM)
      .replaceAll(`/sys/fs/cgroup/system.slice/${PGBOUNCER.former.unit}`, `${d}/cgroup/former`);
  }
}

const AS_POOLER = "setpriv --reuid postgres --regid postgres --clear-groups";
