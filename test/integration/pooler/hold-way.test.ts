import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { holdWay, letGo } from "../../../src/changes/hold-way.ts";
import { makeVerifier } from "../../../src/credentials/scram.ts";
import { sensitive } from "../../../src/credentials/sensitive.ts";
import { PGBOUNCER } from "../../../src/desired/services.ts";
import { pgbouncerFact } from "../../../src/facts/pgbouncer.ts";
import { setVerifier } from "../../../src/render/sql.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { until } from "../../kube/until.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { serverPrograms, startPostgres } from "../render/temporary-postgres.ts";
import type { TemporaryPostgres } from "../render/temporary-postgres.ts";
import { PORT, startPgBouncer } from "./temporary-pgbouncer.ts";
import type { TemporaryPgBouncer } from "./temporary-pgbouncer.ts";

const programs = serverPrograms();
const [ROLE, PASSWORD] = ["app", "the password of the Secret 1"];

describe("a real PgBouncer whose clients wait", { skip: programs === undefined, timeout: 180_000 }, () => {
  let postgres: TemporaryPostgres;
  let pooler: TemporaryPgBouncer;
  let leads = false;
  const patroni = createServer((_, response) => response.writeHead(leads ? 200 : 503).end());
  const verifier = makeVerifier(sensitive(PASSWORD));
  const material = {
    ...MATERIAL,
    credentials: {
      ...MATERIAL.credentials,
      roles: { [ROLE]: { username: ROLE, password: sensitive(PASSWORD), verifier } },
    },
  };

  before(async () => {
    postgres = startPostgres(programs ?? "");
    postgres.psql([`CREATE ROLE ${ROLE} LOGIN;`, setVerifier(ROLE, verifier.reveal())].join("\n"));
    pooler = await startPgBouncer(postgres.directory, { users: [{ name: ROLE, verifier: verifier.reveal() }] });
    mkdirSync(`${pooler.directory}/bin`);
    mkdirSync(`${pooler.directory}/run`);
    noteProcess();
    await new Promise<void>((resolve) => patroni.listen(0, "127.0.0.1", resolve));
  });
  after(() => {
    patroni.close();
    pooler.stop();
    postgres.stop();
  });

  const noteProcess = () => {
    const pid = execFileSync("pgrep", ["-f", `^\\S*pgbouncer ${pooler.directory}/pgbouncer.ini`], { encoding: "utf8" });
    writeFileSync(`${pooler.directory}/bin/systemctl`, `#!/bin/sh\necho ${pid.trim()}\n`, { mode: 0o755 });
  };
  const shellOf = () =>
    localShell((script) =>
      `PATH=${pooler.directory}/bin:$PATH\n${script}`
        .replaceAll(PGBOUNCER.socketDirectory, pooler.directory)
        .replaceAll("/run/pgha", `${pooler.directory}/run`),
    );
  const asPooler = "--reuid postgres --regid postgres --init-groups -- psql -XAtq -U pgbouncer -d pgbouncer".split(" ");
  const console_ = (sql: string) =>
    execFileSync("setpriv", [...asPooler, "-h", pooler.directory, "-p", `${PORT}`, "-c", sql], { encoding: "utf8" });
  // One before 1.20 does not tell of it: so it is asked as a client does.
  const isPaused = () => {
    const words = ["-XAtqw", "-h", "127.0.0.1", "-p", `${PORT}`, "-U", ROLE, "-d", "postgres", "-c", "SELECT 1"];
    return spawnSync("psql", words, { timeout: 1_000, env: { ...process.env, PGPASSWORD: PASSWORD } }).status !== 0;
  };
  const lease = () => readFileSync(`${pooler.directory}/run/pooler.lease`, "utf8");
  const client = (sql: string) => {
    const child = spawn(
      "psql",
      ["-XAtqw", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", `${PORT}`, "-U", ROLE, "-d", "postgres", "-c", sql],
      { env: { ...process.env, PGPASSWORD: PASSWORD }, stdio: ["ignore", "pipe", "pipe"] },
    );
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => void (said += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => void (said += chunk.toString()));
    const ended = new Promise<string>((resolve) => child.on("close", () => resolve(said.trim())));
    return { ended, isOpen: () => child.exitCode === null };
  };

  /** Holds until the leader is there; `beats` is what pgha does for its life. */
  async function hold({ force = false, beats = true } = {}) {
    leads = false;
    const shell = shellOf();
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const { promise: gone, resolve: go } = Promise.withResolvers<void>();
    const command = holdWay(
      {
        host: "p-1",
        proxy: false,
        pooler: { port: PORT },
        write: { addresses: [postgres.directory], port: 5432, role: ROLE, database: "postgres" },
      },
      {
        to: "db-2",
        api: { address: "127.0.0.1", port: (patroni.address() as AddressInfo).port },
        others: ["db-1"],
        force,
      },
      material,
    );
    const ended = shell.run(command, {
      deadlineMs: 30_000,
      holdUntil: gone,
      ...(beats ? { heartbeatMs: 500 } : {}),
      onLine: (line) => {
        if (line === "ready") resolve();
      },
    });
    await Promise.race([ready, ended]);
    return { ended, go };
  }

  it("they go on when a write to the new leader goes through, and nothing of theirs failed", async () => {
    const { ended } = await hold();
    assert.ok(isPaused());
    const waiting = client("SELECT 'served'");
    await pause(300);
    assert.ok(waiting.isOpen());
    leads = true;
    const { exitCode, stdout, stderr } = await ended;
    assert.equal(exitCode, 0, stderr);
    const [, from = "", to = ""] = /held (\S+) (\S+)/.exec(stdout) ?? [];
    assert.ok(Number(to) - Number(from) < 3, stdout);
    assert.equal(await waiting.ended, "served");
    assert.deepEqual([isPaused(), lease()], [false, ""]);
  });

  it("they go on by themselves when nobody renews it: after a cut, and after the end of whoever asked", async () => {
    for (const beats of [false, true]) {
      const { ended, go } = await hold({ beats });
      const started = performance.now();
      const waiting = client("SELECT 'served'");
      if (beats) go();
      const { exitCode, stderr } = await ended;
      assert.equal(exitCode, 1);
      assert.match(stderr, /nobody renewed the lease for 3 s/);
      assert.ok(performance.now() - started < 6_000);
      assert.equal(await waiting.ended, "served");
      assert.equal(isPaused(), false);
    }
  });

  it("they go on at once when the process that holds them is killed", async () => {
    const { ended } = await hold();
    const [, holder = ""] = lease().trim().split(" ");
    process.kill(Number(holder), "SIGKILL");
    await until("the second process resumes", async () => !isPaused() && lease() === "", 3_000, 50);
    await assert.rejects(ended.then(({ exitCode }) => assert.equal(exitCode, 0)));
  });

  it("one that dies meanwhile: its pause ends with it, clients of the next wait for nobody, and nothing is left", async () => {
    const { ended } = await hold();
    const waiting = client("SELECT 'served'");
    await until("it waits", () => console_("SHOW CLIENTS").includes(`|${ROLE}|`), 5_000, 50);
    await pooler.startAnew();
    noteProcess();
    assert.match(await waiting.ended, /server closed the connection|could not|refused|lost/);
    assert.equal(isPaused(), false);
    leads = true;
    const { exitCode, stderr } = await ended;
    assert.equal(exitCode, 0, stderr);
    await until("the lease is gone", () => lease() === "", 15_000, 50);
    assert.equal(isPaused(), false);
    const next = await hold();
    assert.ok(isPaused(), "the next switchover may pause it");
    leads = true;
    assert.equal((await next.ended).exitCode, 0);
    assert.deepEqual([isPaused(), lease()], [false, ""]);
  });

  it("a transaction that does not end: nobody waits any more, it is not cut, and it is named", async () => {
    const open = client("BEGIN; SELECT pg_sleep(4); COMMIT; SELECT 'whole'");
    await until("it is active", async () => /\|active\|/.test(console_("SHOW SERVERS")), 5_000, 50);
    const { ended } = await hold();
    const { exitCode, stderr } = await ended;
    assert.equal(exitCode, 75);
    assert.match(stderr, /transactions did not end within 2 s: nothing is switched over[^]*app in postgres/);
    assert.deepEqual([isPaused(), lease()], [false, ""]);
    assert.match(await open.ended, /whole/);
  });

  it("by force others wait while one does not end", async () => {
    const open = client("BEGIN; SELECT pg_sleep(4); COMMIT");
    await until("it is active", async () => /\|active\|/.test(console_("SHOW SERVERS")), 5_000, 50);
    const { ended } = await hold({ force: true });
    assert.ok(isPaused());
    leads = true;
    assert.equal((await ended).exitCode, 0);
    await open.ended;
    assert.equal(isPaused(), false);
  });

  it("is let go of at once, and a person's own pause is not", async () => {
    const { ended } = await hold();
    const { exitCode, stderr } = await shellOf().run(letGo(PORT), { deadlineMs: 20_000 });
    assert.equal(exitCode, 0, stderr);
    assert.equal(isPaused(), false);
    assert.notEqual((await ended).exitCode, 0);
    console_("PAUSE");
    const refused = await (await hold()).ended;
    assert.equal(refused.exitCode, 75);
    assert.match(refused.stderr, /somebody paused this PgBouncer/);
    await shellOf().run(letGo(PORT), { deadlineMs: 20_000 });
    assert.equal(isPaused(), true);
    console_("RESUME");
  });

  it("one that was left behind is seen as pgha's own, and ended; of an earlier process it says nothing", async () => {
    const fact = pgbouncerFact({ ...PGBOUNCER, userlist: `${pooler.directory}/userlist.txt` });
    const seen = async () => {
      const { exitCode, stdout } = await shellOf().run(fact.command, { deadlineMs: 20_000 });
      return fact.parse({ exitCode, stdout })?.leased;
    };
    assert.equal(await seen(), undefined);
    const pid = spawnSync(`${pooler.directory}/bin/systemctl`, [], { encoding: "utf8" }).stdout.trim();
    console_("PAUSE");
    assert.equal(await seen(), undefined);
    writeFileSync(`${pooler.directory}/run/pooler.lease`, `${pid} 999999\n`);
    assert.equal(await seen(), true);
    await shellOf().run(letGo(PORT), { deadlineMs: 20_000 });
    assert.deepEqual([await seen(), isPaused(), lease()], [undefined, false, ""]);
    writeFileSync(`${pooler.directory}/run/pooler.lease`, "1 1\n");
    console_("PAUSE");
    assert.equal(await seen(), undefined);
    await shellOf().run(letGo(PORT), { deadlineMs: 20_000 });
    assert.equal(isPaused(), true);
    console_("RESUME");
  });
});
