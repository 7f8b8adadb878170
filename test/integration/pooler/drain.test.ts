import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { drain, endDrain } from "../../../src/changes/drain.ts";
import { HAPROXY } from "../../../src/desired/services.ts";
import { haproxyFact } from "../../../src/facts/haproxy.ts";
import { heldServers } from "../../../src/reconcilers/haproxy-pool/held.ts";
import { renderHAProxyCfg } from "../../../src/render/haproxy-cfg.ts";
import { haproxyInput } from "../../fixtures/render/inputs.ts";
import { until } from "../../kube/until.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { startFakeMembers } from "../render/fake-members.ts";
import type { FakeMembers } from "../render/fake-members.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const program =
  [process.env["PGHA_HAPROXY"], "/usr/sbin/haproxy"].find((path) => path !== undefined && existsSync(path)) ?? "";
const ports = { write: 26432, read: 26433, stats: 26404 };
const [WORKED_ON, OTHER, LEADER] = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];

describe(
  "readers of a real HAProxy, past a member that is worked on",
  { skip: program === "", timeout: 120_000 },
  () => {
    const directory = mkdtempSync("/tmp/pgha-drain-");
    let members: FakeMembers;
    let haproxy: ChildProcess;

    before(async () => {
      members = await startFakeMembers(LEADER, { restApiPort: 18108, postgresqlPort: 15532 });
      const named = members.addresses.map((address, index) => ({ name: `db-${index}`, address }));
      const { content } = renderHAProxyCfg({
        ...haproxyInput,
        members: named,
        restApiPort: members.restApiPort,
        postgresqlPort: members.postgresqlPort,
        bindAddresses: ["127.0.0.1"],
        ports,
      });
      writeFileSync(`${directory}/haproxy.cfg`, content.replaceAll(HAPROXY.runtimeDirectory, directory));
      haproxy = spawn(program, ["-W", "-f", `${directory}/haproxy.cfg`], { stdio: "ignore" });
      mkdirSync(`${directory}/bin`);
      writeFileSync(`${directory}/bin/systemctl`, `#!/bin/sh\necho ${haproxy.pid}\n`, { mode: 0o755 });
      await until("both replicas serve", async () => (await readers()).length === 2, 10_000, 50);
    });
    after(async () => {
      haproxy.kill("SIGTERM");
      await members.stop();
      removeFolder(directory);
    });

    const shellOf = () =>
      localShell((script) =>
        `PATH=${directory}/bin:$PATH\n${script}`
          .replaceAll(HAPROXY.runtimeDirectory, directory)
          .replaceAll("/run/pgha", `${directory}/run`),
      );
    const fact = async () => {
      const { command, parse } = haproxyFact(HAPROXY);
      const { exitCode, stdout } = await shellOf().run(command, { deadlineMs: 10_000 });
      return parse({ exitCode, stdout });
    };
    const states = async () => ((await fact())?.states ?? []).filter(({ backend }) => backend === "postgres_read");
    const isDrained = async () => (await states()).some(({ server, drain: drained }) => server === "db-0" && drained);
    const lease = () => readFileSync(`${directory}/run/readers.lease`, "utf8");
    /** Whom eight new readers come to. */
    const readers = async () => [...new Set(await Promise.all(Array.from({ length: 8 }, dial)))].toSorted();
    const isUp = async () =>
      until("it serves readers again", async () => (await readers()).join() === `${WORKED_ON},${OTHER}`, 15_000, 50);

    /** Drains until the work is over; `beats` is what pgha does for its life. */
    async function begin({ beats = true, seconds = 5 } = {}) {
      const shell = shellOf();
      const { promise: ready, resolve } = Promise.withResolvers<void>();
      const { promise: over, resolve: end } = Promise.withResolvers<void>();
      const { command, deadlineMs } = drain(
        { host: "p-1", seconds },
        { member: "db-0", api: { address: WORKED_ON, port: members.restApiPort } },
        20_000,
      );
      const ended = shell.run(command, {
        deadlineMs,
        holdUntil: over,
        ...(beats ? { heartbeatMs: 500 } : {}),
        onLine: (line) => {
          if (line === "ready") resolve();
        },
      });
      return { ready: Promise.race([ready, ended]), ended, end };
    }

    it("they go to the other before it goes away, and come back when it serves again, without one that fails", async () => {
      const session = connect(ports.read, "127.0.0.1").on("error", () => undefined);
      const said = await new Promise<string>((resolve) =>
        session.once("data", (data) => resolve(data.toString().trim())),
      );
      assert.match(said, /^127\.0\.0\.[23]$/);
      // It may have come to either; the one that is worked on must be the one that has it.
      const { ready, ended, end } = await begin();
      let isReady = false;
      void ready.then(() => (isReady = true));
      if (said === WORKED_ON) {
        await until("it is drained", isDrained, 5_000, 50);
        assert.equal(isReady, false, "a session is still there");
      }
      session.end();
      await ready;
      assert.deepEqual(await readers(), [OTHER]);
      members.away.add(WORKED_ON);
      for (let n = 0; n < 20; n += 1) assert.deepEqual(await readers(), [OTHER]);
      members.away.delete(WORKED_ON);
      end();
      assert.equal((await ended).exitCode, 0);
      assert.deepEqual([await isDrained(), lease()], [false, ""]);
      // Who is worked on next may be the other: so it is over once HAProxy has this one up.
      assert.deepEqual(await readers(), [WORKED_ON, OTHER]);
    });

    it("a session that stays is waited for no longer than was said", async () => {
      const sessions = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const session = connect(ports.read, "127.0.0.1").on("error", () => undefined);
          await new Promise((resolve) => session.once("data", resolve));
          return session;
        }),
      );
      const started = performance.now();
      const { ready, ended, end } = await begin({ seconds: 2 });
      await ready;
      assert.ok(performance.now() - started > 1_900);
      end();
      for (const session of sessions) session.end();
      assert.equal((await ended).exitCode, 0);
      await isUp();
    });

    it("they come back by themselves when nobody renews it, when it is killed, and at the next pass", async () => {
      const silent = await begin({ beats: false });
      await silent.ready;
      assert.equal((await silent.ended).exitCode, 0);
      assert.equal(await isDrained(), false);

      const killed = await begin();
      await killed.ready;
      const holder = lease().trim().split(" ")[2] ?? "";
      // It counts once it runs its own program: killed while it is still to become that, it would be taken for the
      // second process, which is another's of this very moment.
      const holds = () =>
        readFileSync(`/proc/${holder}/task/${holder}/children`, "utf8")
          .trim()
          .split(" ")
          .filter((pid) => /^perl\0.*\0hold\0/s.test(readFileSync(`/proc/${pid}/cmdline`, "utf8")));
      await until("the first process holds it", async () => holds().length === 1, 5_000, 20);
      for (const pid of [...holds(), holder]) process.kill(Number(pid), "SIGKILL");
      await until("the second process sees to it", async () => !(await isDrained()) && lease() === "", 10_000, 100);
      await killed.ended.catch(() => undefined);

      await ask("set server postgres_read/db-0 state drain");
      writeFileSync(`${directory}/run/readers.lease`, `${haproxy.pid} db-0\n`);
      assert.equal((await fact())?.drained, "db-0");
      assert.deepEqual(await held(), []);
      assert.equal((await shellOf().run(endDrain(), { deadlineMs: 20_000 })).exitCode, 0);
      assert.deepEqual([await isDrained(), lease()], [false, ""]);
      await isUp();
    });

    it("what a person drained or holds stays as it is, and is not taken for pgha's", async () => {
      for (const state of ["drain", "maint"]) {
        await ask(`set server postgres_read/db-0 state ${state}`);
        const { ready, ended, end } = await begin();
        await ready;
        assert.equal(lease(), "");
        end();
        assert.equal((await ended).exitCode, 0);
        assert.equal((await shellOf().run(endDrain(), { deadlineMs: 20_000 })).exitCode, 0);
        assert.match((await held())[0]?.why ?? "", state === "drain" ? /is drained/ : /is in maintenance/);
        await ask("set server postgres_read/db-0 state ready");
      }
      // A lease of a HAProxy that was started since says nothing.
      writeFileSync(`${directory}/run/readers.lease`, "1 db-0\n");
      await ask("set server postgres_read/db-0 state drain");
      assert.equal((await fact())?.drained, undefined);
      await shellOf().run(endDrain(), { deadlineMs: 20_000 });
      assert.deepEqual([await isDrained(), lease()], [true, ""]);
      await ask("set server postgres_read/db-0 state ready");
      // Maintenance that somebody begins meanwhile outlasts the drain.
      const { ready, ended, end } = await begin();
      await ready;
      await ask("set server postgres_read/db-0 state maint");
      end();
      await ended;
      assert.match((await held())[0]?.why ?? "", /is in maintenance/);
      await ask("set server postgres_read/db-0 state ready");
      await isUp();
    });

    it("the only one that serves readers keeps them", async () => {
      members.away.add(OTHER);
      await until("the other is down", async () => (await readers()).join() === WORKED_ON, 10_000, 100);
      const { ready, ended, end } = await begin();
      await ready;
      assert.deepEqual([await isDrained(), await readers()], [false, [WORKED_ON]]);
      members.away.delete(OTHER);
      end();
      await ended;
      await isUp();
    });

    it("who comes to lead is no reader any more, and is not waited for", async () => {
      const { ready, ended, end } = await begin();
      await ready;
      members.lead(WORKED_ON);
      end();
      const went = new Set<string>();
      let isOver = false;
      void ended.then(() => (isOver = true));
      for (let after = 0; after < 5; after += isOver ? 1 : 0) for (const reader of await readers()) went.add(reader);
      assert.equal((await ended).exitCode, 0);
      assert.deepEqual([await isDrained(), lease()], [false, ""]);
      assert.ok(!went.has(WORKED_ON) && !went.has(""), `readers went to ${[...went].join(", ")}`);
      members.lead(LEADER);
      await isUp();
    });

    async function held() {
      const wish = {
        resource: "HAProxyPool/lb",
        cluster: "PostgresHACluster/pg",
        host: "p-1",
        socket: `${directory}/admin.sock`,
        members: members.addresses.map((address, index) => ({ name: `db-${index}`, address })),
        postgresqlPort: members.postgresqlPort,
      };
      return heldServers(wish, await fact());
    }

    async function ask(command: string): Promise<void> {
      await new Promise<void>((resolve) => {
        const socket = connect(`${directory}/admin.sock`, () => socket.write(`${command}\n`));
        socket.on("close", () => resolve()).resume();
      });
    }
  },
);

/** What the server behind the read port says first; "" when the connection is refused or closed before that. */
async function dial(): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(ports.read, "127.0.0.1");
    socket.setTimeout(3000, () => socket.destroy());
    socket
      .on("error", () => socket.destroy())
      .on("data", (data) => {
        answer += data.toString();
        socket.destroy();
      })
      .on("close", () => resolve(answer.trim()));
  });
}
