import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { causesIn } from "../../../src/apply/last-words.ts";
import { waitWords, whyUndone } from "../../../src/apply/undone.ts";
import type { Change } from "../../../src/changes/table.ts";
import type { Step, Wait } from "../../../src/plan/plan.ts";
import type { RemoteShell } from "../../../src/shell/shell.ts";
import { MATERIAL } from "../../fixtures/material.ts";

const asked: string[] = [];

/** A host whose log is this. */
function says(stdout: string) {
  const shell: RemoteShell = {
    host: "db-1",
    run: async ({ script }) => {
      asked.push(script);
      return { exitCode: 0, stdout, stderr: "" };
    },
  };
  return { shellFor: () => shell, materialFor: () => MATERIAL };
}

function step(change: Change, resource: string, host: string | undefined = "db-1"): Step {
  return { id: "x", resource, host, stage: "prepare", change, because: "it is not there", impact: "none" };
}

const PGDATA = step(
  {
    kind: "make-directory",
    directory: { path: "/data/pgdata", owner: "postgres", group: "postgres", mode: 0o700 },
    before: { kind: "absent" },
  },
  "PostgresHACluster/pg",
);

const INITDB = `
2026-11-28 10:00:00,123 INFO: Lock owner: None; I am db-1
2026-11-28 10:00:00,456 INFO: trying to bootstrap a new cluster
initdb: error: invalid locale name "xx_YY.UTF-8"
initdb: hint: If the locale name is specific to ICU, use --icu-locale.
pg_ctl: database system initialization failed
2026-11-28 10:00:01,000 INFO: removing initialize key after failed attempt to bootstrap the cluster
Traceback (most recent call last):
  File "/usr/bin/patroni", line 8, in <module>
patroni.exceptions.PatroniFatalException: Failed to bootstrap cluster
`;

const BASEBACKUP = `
2026-11-28 10:00:00,123 INFO: trying to bootstrap from leader 'db-2'
pg_basebackup: error: connection to server at "10.0.0.121", port 5432 failed: FATAL:  password authentication failed for user "replicator"
2026-11-28 10:00:01,000 ERROR: Error when fetching backup: pg_basebackup exited with code=1
2026-11-28 10:00:01,000 WARNING: Trying again in 5 seconds
pg_basebackup: error: connection to server at "10.0.0.121", port 5432 failed: FATAL:  password authentication failed for user "replicator"
2026-11-28 10:00:07,000 ERROR: Error when fetching backup: pg_basebackup exited with code=1
`;

const PGBOUNCER = `
2026-11-28 10:00:00.123 UTC [812] LOG RELOAD command issued
2026-11-28 10:00:00.124 UTC [812] ERROR unknown parameter: pgbouncer/application_name_add_host2
2026-11-28 10:00:00.125 UTC [812] WARNING Config file loading failed
`;

const HAPROXY = `
[NOTICE]   (999) : Reloading HAProxy
[ALERT]    (999) : [/usr/sbin/haproxy.main()] Cannot raise FD limit to 4039, limit is 1024.
[ALERT]    (999) : Starting frontend write: cannot bind socket (Address already in use) [10.0.0.11:5432]
`;

const POSTGRESQL = `
2026-11-28 10:00:00.000 UTC [77] LOG:  starting PostgreSQL 17.5
2026-11-28 10:00:00.001 UTC [77] FATAL:  could not map anonymous shared memory: Cannot allocate memory
2026-11-28 10:00:00.001 UTC [77] HINT:  This error usually means that PostgreSQL's request for a shared memory segment exceeded available memory
2026-11-28 10:00:03.001 UTC [99] FATAL:  could not map anonymous shared memory: Cannot allocate memory
2026-11-28 10:00:04 UTC [98] ERROR:  permission denied
2026-11-28 10:00:04 UTC [98] STATEMENT:  ALTER ROLE a PASSWORD 'password of the test'
`;

describe("what undoes a step", () => {
  it("is said in the words of the program that does it, each line once", async () => {
    const cases: readonly [string, string, Change, RegExp][] = [
      [
        "PostgresHACluster/pg",
        INITDB,
        PGDATA.change,
        /patroni\.service said:\n {2}initdb: error: invalid locale name "xx_YY/,
      ],
      ["PostgresHACluster/pg", BASEBACKUP, PGDATA.change, /pg_basebackup: error: .*password authentication failed/],
      ["PgBouncerPool/p", PGBOUNCER, { kind: "restart-unit", unit: "u" }, /unknown parameter: pgbouncer\/application/],
      [
        "HAProxyPool/h",
        HAPROXY,
        { kind: "reload-unit", unit: "u", reads: [] },
        /cannot bind socket \(Address already in use\)/,
      ],
      ["PostgresHACluster/pg", POSTGRESQL, { kind: "start-unit", unit: "u" }, /Cannot allocate memory/],
    ];
    for (const [resource, log, change, words] of cases) {
      const { said, wayOut } = await whyUndone(step(change, resource), says(log));
      assert.match(said, /^it was done three times and is still needed: it is not there\n/);
      assert.match(said, words);
      assert.match(wayOut, /^Mend what .*service complains about/);
      assert.equal(new Set(said.split("\n")).size, said.split("\n").length);
    }
    assert.match(asked[2] ?? "", /journalctl .*-u pgha-pgbouncer\.service/);
  });

  it("puts what is at the bottom of it first, and no statement or traceback", () => {
    assert.deepEqual(causesIn(INITDB).slice(0, 1), ['initdb: error: invalid locale name "xx_YY.UTF-8"']);
    assert.doesNotMatch(causesIn(INITDB).join("\n"), /Traceback|File "/);
    assert.doesNotMatch(causesIn(POSTGRESQL).join("\n"), /STATEMENT/);
    assert.equal(causesIn(BASEBACKUP).length, 2);
    assert.deepEqual(causesIn("2026 INFO: no action. I am (db-1), the leader\n".repeat(50)), []);
    assert.equal(causesIn(Array.from({ length: 90 }, (_, at) => `error ${"x".repeat(at)}`).join("\n")).length, 5);
  });

  it("never shows a secret, in whatever way the log has it", async () => {
    const log = 'FATAL: bad "password of the test"\nERROR: verifier salt$stored-key:server-key is invalid\n';
    const { said } = await whyUndone(PGDATA, says(log));
    assert.doesNotMatch(said, /password of the test|stored-key/);
    assert.match(said, /FATAL: bad/);
  });

  it("is whoever installed or removed packages last, with what was typed", async () => {
    const history = `
Start-Date: 2026-11-28  10:00:00
Commandline: apt-get -y install pgbouncer
End-Date: 2026-11-28  10:00:05

Start-Date: 2026-11-28  10:01:00
Commandline: /usr/bin/apt-get autoremove --purge
Requested-By: deploy (1000)
Purge: pgbouncer:amd64 (1.24.1-1)
End-Date: 2026-11-28  10:01:05
`;
    const packages = { names: ["pgbouncer"], services: {}, source: "distribution" } as const;
    const change = { kind: "install-packages", packages, missing: ["pgbouncer"], maskFirst: [] } as const;
    const { said } = await whyUndone(step(change, "PgBouncerPool/p"), says(history));
    assert.match(
      said,
      /apt said:\n {2}Start-Date: .*10:01:00\n {2}Commandline: \/usr\/bin\/apt-get autoremove --purge\n/,
    );
    assert.match(said, /Requested-By: deploy/);
    assert.doesNotMatch(said, /10:00:00/);
  });

  it("is nobody of ours where no program of ours touches it, and nobody is asked", async () => {
    asked.length = 0;
    const file = { path: "/etc/x", content: "", owner: "root", group: "root", mode: 0o644, secret: false };
    const written = await whyUndone(
      step({ kind: "write-file", file, before: { kind: "absent" } }, "HAProxyPool/h"),
      says(HAPROXY),
    );
    assert.match(written.wayOut, /another configuration tool/);
    const change = { kind: "write-secret", secret: "s", purpose: "p", how: "renew" } as const;
    const secret = await whyUndone({ ...step(change, "PostgresHACluster/pg"), host: undefined }, says(INITDB));
    assert.match(secret.wayOut, /Something else writes that Secret/);
    assert.deepEqual(asked, []);
  });

  it("is said without words when the host does not answer", async () => {
    const shell: RemoteShell = {
      host: "db-1",
      run: async () => {
        throw new Error("gone");
      },
    };
    const failure = await whyUndone(PGDATA, { shellFor: () => shell, materialFor: () => MATERIAL });
    assert.equal(failure.said, "it was done three times and is still needed: it is not there");
  });

  it("is quoted of a wait that was in vain, too", async () => {
    const wait = { resource: "PostgresHACluster/pg", host: "db-1" } as Wait;
    assert.match(
      (await waitWords(wait, says(BASEBACKUP))).join("\n"),
      /^patroni\.service said:\n {2}pg_basebackup: error/,
    );
  });

  it(
    "is asked of all hosts where a wait is for no host in particular, and said once of those that say " + "the same",
    async () => {
      const signs = ["db-1", "db-2"].map((host) => ({ host, url: "http://x/primary" }));
      const wait = { resource: "PostgresHACluster/pg", signs } as unknown as Wait;
      const alike = await waitWords(wait, says(INITDB));
      assert.deepEqual(alike.slice(0, 2), [
        "patroni.service on db-1 and db-2 said:",
        '  initdb: error: invalid locale name "xx_YY.UTF-8"',
      ]);
      const shellFor = (host: string): RemoteShell =>
        says(host === "db-1" ? INITDB : BASEBACKUP.replaceAll("10.0.0.121", "10.0.0.9")).shellFor();
      const each = (await waitWords(wait, { ...says(INITDB), shellFor })).join("\n");
      assert.match(
        each,
        /^patroni\.service on db-1 said:\n {2}initdb[^]*\npatroni\.service on db-2 said:\n {2}pg_basebackup/,
      );
      assert.deepEqual(await waitWords({ ...wait, signs: [] }, says(INITDB)), []);
    },
  );
});
