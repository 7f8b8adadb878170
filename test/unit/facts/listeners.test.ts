import assert from "node:assert/strict";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { listenersFact } from "../../../src/facts/listeners.ts";
import { runHere } from "./run-here.ts";
import { answerOf, hung, missing, readTranscript } from "./transcript.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const { parse } = listenersFact();

describe("listeners", () => {
  it("are known by program and unit on a real database host", () => {
    const listeners = parse(answerOf(readTranscript("debian-13/replica"), "listeners"));
    assert.deepEqual(
      listeners.find(({ port, address }) => port === 5432 && address !== "127.0.0.1"),
      {
        address: "10.77.2.120",
        port: 5432,
        program: "postgres",
        pid: 3167,
        unit: "patroni.service",
      },
    );
    assert.deepEqual(
      listeners.filter(({ port }) => port === 22).map(({ address, unit }) => [address, unit]),
      [
        ["0.0.0.0", "ssh.service"],
        ["::", "ssh.service"],
      ],
    );
  });

  it("are HAProxy's and PgBouncer's own units on a real proxy host (F53)", () => {
    const listeners = parse(answerOf(readTranscript("debian-13/proxy"), "listeners"));
    const unitsOf = (wanted: number): readonly string[] => [
      ...new Set(listeners.filter(({ port }) => port === wanted).map(({ unit }) => unit)),
    ];
    assert.deepEqual([unitsOf(5432), unitsOf(6432)], [["pgha-haproxy.service"], ["pgha-pgbouncer.service"]]);
  });

  it("are read with odd addresses, hidden owners, and control groups of containers", () => {
    const stdout = [
      'LISTEN 0 4096 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=5,fd=17))',
      "LISTEN 0 511 *:8404 *:*",
      'LISTEN 0 64 [fe80::1%eth0]:6432 [::]:* users:(("a b",pid=6,fd=3),("c",pid=7,fd=3))',
      'LISTEN 0 64 [::ffff:10.0.0.1]:5432 *:* users:(("redis",pid=8,fd=3))',
      "",
      "/proc/6/cgroup:0::/machine.slice/machine-x.scope/payload/system.slice/own.service/inner",
      "/proc/5/cgroup:1:name=systemd:/system.slice/resolved.service",
      "/proc/8/cgroup:0::/system.slice/docker-0123.scope",
      "",
    ].join("\n");
    assert.deepEqual(parse({ exitCode: 0, stdout }), [
      { address: "127.0.0.53", port: 53, program: "systemd-resolve", pid: 5, unit: "resolved.service" },
      { address: "::", port: 8404, program: "", pid: 0, unit: "" },
      { address: "fe80::1", port: 6432, program: "a b", pid: 6, unit: "own.service" },
      { address: "::ffff:10.0.0.1", port: 5432, program: "redis", pid: 8, unit: "docker-0123.scope" },
    ]);
  });

  it("in a container of ours belong to the unit that runs it, each process of it; in one of others to that", () => {
    const stdout = [
      'LISTEN 0 64 10.0.0.1:5432 *:* users:(("haproxy",pid=71,fd=3),("haproxy",pid=70,fd=3))',
      'LISTEN 0 64 10.0.0.1:6432 *:* users:(("pgbouncer",pid=80,fd=3))',
      'LISTEN 0 64 10.0.0.1:6379 *:* users:(("redis",pid=90,fd=3))',
      "",
      "inside own.service 70",
      "inside gone.service 99",
      "inside of-root.service 60",
      "/proc/71/cgroup:9:name=systemd:/payload",
      "/proc/71/cgroup:0::/payload/system.slice/docker-0123.scope",
      "/proc/70/cgroup:9:name=systemd:/payload",
      "/proc/70/cgroup:0::/payload/system.slice/docker-0123.scope",
      "/proc/80/cgroup:0::/",
      "/proc/60/cgroup:0::/",
      "/proc/90/cgroup:9:name=systemd:/payload",
      "/proc/90/cgroup:0::/payload/system.slice/docker-4567.scope",
      "",
    ].join("\n");
    assert.deepEqual(
      parse({ exitCode: 0, stdout }).map(({ port, unit }) => `${port} ${unit}`),
      ["5432 own.service", "6432 ", "6379 docker-4567.scope"],
    );
  });

  for (const [socket, program, times] of [
    ["LISTEN 0 4 *:5432 *:*", "postgres", 2],
    ['LISTEN 0 4 *:80 *:* users:(("httpd",pid=1,fd=3))', "httpd", 1],
  ] as const) {
    it(
      "are looked at " +
        `${times === 1 ? "once where each has a process" : "twice when one has no process: its server may have started while ss looked"}`,
      async () => {
        const folder = await mkdtemp(join(tmpdir(), "pgha-ss-"));
        try {
          const ss =
            `#!/bin/sh\necho x >>${folder}/calls\n[ "$(wc -l <${folder}/calls)" = 1 ] && echo '${socket}' ` +
            `|| echo 'LISTEN 0 4 *:5432 *:* users:(("postgres",pid=1,fd=3))'\n`;
          await writeFile(join(folder, "ss"), ss, { mode: 0o755 });
          const { answer } = await runHere(listenersFact(), {
            ...process.env,
            PATH: `${folder}:${process.env["PATH"] ?? ""}`,
          });
          assert.deepEqual(
            answer.map((listener) => [listener.program, listener.pid]),
            [[program, 1]],
          );
        } finally {
          removeFolder(folder);
        }
      },
    );
  }

  it("are none on a host where nothing listens, but not when ss is missing or hangs", () => {
    assert.deepEqual(parse({ exitCode: 0, stdout: "\n\n" }), []);
    assert.throws(() => parse(missing), /iproute2/);
    assert.throws(() => parse(hung));
  });
});
