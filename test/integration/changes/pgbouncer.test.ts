import { PGBOUNCER } from "../../../src/desired/services.ts";
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { commandFor } from "../../../src/changes/commands.ts";
import { MATERIAL } from "../../fixtures/material.ts";
import { renderPgBouncer } from "../../../src/render/pgbouncer-ini.ts";
import { pgbouncerInput } from "../../fixtures/render/inputs.ts";
import { localShell } from "../../ssh-server/local-shell.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const PORT = 26432;
const version = /(\d+\.\d+)/.exec(execFileSync("/usr/sbin/pgbouncer", ["--version"], { encoding: "utf8" }))?.[1];

/** A host in a folder: its paths, a systemctl that tells the PgBouncer there, and a journal that is its log. */
describe("pgbouncer.ini goes live only if the installed PgBouncer takes it", { timeout: 120_000 }, () => {
  const root = mkdtempSync("/tmp/pgha-pgbouncer-");
  const shell = localShell((script) =>
    `PATH=${root}/bin:$PATH\n${script}`
      .replaceAll("/etc/pgha", `${root}/etc/pgha`)
      .replaceAll("/run/pgha", `${root}/run/pgha`),
  );
  const ini = `${root}${PGBOUNCER.config}`;
  const socketDirectory = `${root}${PGBOUNCER.socketDirectory}`;
  let running: ChildProcess | undefined;

  const rendered = (parameters: Readonly<Record<string, string | number>> = {}) => {
    const { ini: content, ...rest } = renderPgBouncer({
      ...pgbouncerInput,
      version,
      port: PORT,
      listenAddresses: ["127.0.0.1"],
      parameters,
    });
    return {
      ...rest,
      content: content.replaceAll("/etc/pgha", `${root}/etc/pgha`).replaceAll("/run/pgha", `${root}/run/pgha`),
    };
  };
  const write = async (content: string) =>
    shell.run(
      commandFor(
        {
          kind: "write-file",
          file: {
            path: PGBOUNCER.config,
            content,
            owner: "postgres",
            group: "postgres",
            mode: 0o640,
            secret: false,
            validate: "pgbouncer",
          },
          before: { kind: "absent" },
        },
        MATERIAL,
      ),
      { deadlineMs: 30_000 },
    );
  const reload = async (mark: string) =>
    shell.run(
      commandFor(
        {
          kind: "reload-unit",
          unit: "pgha-pgbouncer.service",
          reads: PGBOUNCER.reads,
          proof: {
            kind: "pgbouncer",
            socketDirectory: PGBOUNCER.socketDirectory,
            port: PORT,
            mark,
            config: PGBOUNCER.config,
          },
        },
        MATERIAL,
      ),
      { deadlineMs: 60_000 },
    );
  const leftovers = () => readdirSync(`${root}/run`).filter((name) => name.startsWith("pgha-try"));

  before(async () => {
    for (const folder of ["bin", "run", "etc/pgha/pgbouncer", "run/pgha-pgbouncer"])
      mkdirSync(join(root, folder), { recursive: true });
    chmodSync(root, 0o755);
    // As a login of root begins: PgBouncer's user may not be there.
    mkdirSync(join(root, "home"), { mode: 0o700 });
    process.chdir(join(root, "home"));
    execFileSync("chown", ["-R", "postgres:postgres", dirname(ini), socketDirectory]);
    const program = (name: string, text: string): void =>
      writeFileSync(`${root}/bin/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    program(
      "systemctl",
      `case "$*" in *InvocationID*) echo 00ff ;; show*) echo no ;; reload*) kill -HUP "$(cat ${root}/pid)" ;; esac`,
    );
    program("journalctl", `cat ${root}/log`);
    const first = rendered();
    writeFileSync(`${root}${PGBOUNCER.userlist}`, first.userlist);
    const written = await write(first.content);
    assert.equal(written.exitCode, 0, written.stderr);
    running = spawn(
      "sh",
      [
        "-c",
        `echo $$ >${root}/pid; exec setpriv --reuid postgres --regid postgres --clear-groups pgbouncer ` +
          `${ini} >${root}/log 2>&1`,
      ],
      { stdio: "ignore" },
    );
    const end = Date.now() + 10_000;
    while (!readdirSync(socketDirectory).includes(`.s.PGSQL.${PORT}`)) {
      if (Date.now() > end) assert.fail(readFileSync(`${root}/log`, "utf8"));
      await pause(20);
    }
  });

  after(() => {
    running?.kill("SIGKILL");
    removeFolder(root);
  });

  const REFUSED: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ application_name_add_hots: "1" }, /unknown parameter: pgbouncer\/application_name_add_hots/],
    [{ query_timeout: "abc" }, /invalid value "abc" for parameter query_timeout/],
    [{ server_tls_sslmode: "perhaps" }, /invalid value "perhaps" for parameter server_tls_sslmode/],
    [{ client_tls_sslmode: "require" }, /client_tls_key_file and client_tls_cert_file must be set/],
    [{ pkt_buf: "16" }, /did not answer on its socket/],
  ];
  for (const [parameters, says] of REFUSED) {
    it(`refuses ${JSON.stringify(parameters)} in PgBouncer's words, and leaves the file as it was`, async () => {
      const before = readFileSync(ini, "utf8");
      const { exitCode, stderr } = await write(rendered(parameters).content);
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, says);
      if (/unknown|invalid/.test(says.source))
        assert.match(stderr, new RegExp(`in the manifest: spec\\.parameters\\.${Object.keys(parameters).join("")}`));
      assert.equal(readFileSync(ini, "utf8"), before);
      assert.deepEqual([...leftovers(), ...readdirSync(dirname(ini))].toSorted(), ["pgbouncer.ini", "userlist.txt"]);
    });
  }

  it("puts a good one in place beside the one that runs, which notices nothing until it is told", async () => {
    const { content, ident } = rendered({ query_timeout: "1.5" });
    const { exitCode, stderr } = await write(content);
    assert.equal(exitCode, 0, stderr);
    assert.equal(readFileSync(ini, "utf8"), content);
    assert.deepEqual(leftovers(), []);
    const reloaded = await reload(ident);
    assert.equal(reloaded.exitCode, 0, reloaded.stderr);
  });

  it("goes back to the file before when the one that runs refuses it, and quotes that one", async () => {
    const before = readFileSync(ini, "utf8");
    const { content, ident } = rendered({ query_timeout: "3" });
    assert.equal((await write(content)).exitCode, 0);
    // As after an upgrade of the package, when an older one still runs: what was tried aside was another program.
    writeFileSync(ini, content.replace("query_timeout = 3", "query_timeout = 3\nnews_of_tomorrow = 1"));
    const { exitCode, stderr } = await reload(ident);
    assert.equal(exitCode, 1, stderr);
    assert.match(stderr, /unknown parameter: pgbouncer\/news_of_tomorrow/);
    assert.match(stderr, /the previous file is back in place/);
    assert.equal(readFileSync(ini, "utf8"), before);
  });
});
