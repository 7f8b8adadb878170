import { PATRONI } from "../../../src/desired/services.ts";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { notesOf } from "../../../src/desired/notes.ts";
import { InvalidInputError } from "../../../src/errors.ts";
import { sha256 } from "../../../src/render/digest.ts";
import {
  createClusterConf,
  haproxyUnit,
  patroniDropIn,
  patronictlScript,
  patroniStartEnvironment,
  pgbouncerUnit,
} from "../../../src/render/units.ts";
import { fixture } from "../../fixtures/render/fixture.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const mountPath = "/opt/keybuzz/postgres/data";

describe("units", () => {
  it("are exactly these for the field's hosts", () => {
    assert.equal(
      patroniDropIn({ mountPath, pythonPath: "/opt/pgha/pysyncobj-0.3.17" }).content,
      fixture("patroni-drop-in.conf"),
    );
    assert.equal(haproxyUnit().content, fixture("pgha-haproxy.service"));
    assert.equal(pgbouncerUnit().content, fixture("pgha-pgbouncer.service"));
  });

  it("note at each start which process is about to be started from what, and to read what, as it is then", (context) => {
    const root = mkdtempSync(join(tmpdir(), "pgha-notes-"));
    context.after(() => removeFolder(root));
    const line = /^ExecStartPre=-\+\/bin\/sh -c '(.*)'$/m.exec(
      patroniDropIn({ mountPath, pythonPath: "/opt/pgha/pysyncobj" }).content,
    )?.[1];
    // As systemd.service(5) has it: specifiers, variables, escapes.
    const script = (line ?? "").replaceAll(/%%|\$\$/g, (pair) => pair.charAt(0)).replaceAll(String.raw`\n`, "\n");
    const files = [PATRONI.unitFile, PATRONI.startFile, PATRONI.config, "/opt/pgha/pysyncobj/a.py"];
    for (const path of [...files, "/opt/pgha/pysyncobj/.sha256"]) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `text of ${path}`);
    }
    mkdirSync(join(root, "run"));
    utimesSync(join(root, files[3] ?? ""), 1, 1);
    const notes = (id: string): readonly string[] => {
      execFileSync("/bin/sh", ["-c", script.replaceAll(/(?<=[ =>])(?=\/(?:etc|opt|run)\/)/g, root)], {
        env: { ...process.env, INVOCATION_ID: id },
      });
      return readFileSync(join(root, notesOf(PATRONI.unit)), "utf8")
        .replaceAll(root, "")
        .trimEnd()
        .split("\n");
    };
    const from = (path: string): string => `1a from ${sha256(`text of ${path}`)}  ${path}`;
    const first = notes("1a");
    assert.deepEqual(first.slice(0, -1), [...files.slice(0, 2).map(from), from("/opt/pgha/pysyncobj/.sha256")]);
    assert.match(first.at(-1) ?? "", /^1a read \d+:\d+\.\d{9} \/etc\/patroni\/config\.yml$/);
    // A library that somebody changed is none that it was started from.
    writeFileSync(join(root, files[3] ?? ""), "changed");
    utimesSync(join(root, files[3] ?? ""), 2 ** 32, 2 ** 32);
    assert.deepEqual(
      notes("2b").map((each) => each.replace(/ .* /, " ")),
      [`2b ${PATRONI.unitFile}`, `2b ${PATRONI.startFile}`, `2b ${PATRONI.config}`],
    );
  });

  it("do not start Patroni on an empty mount point (F16)", () => {
    assert.match(patroniDropIn({ mountPath }).content, /^AssertPathIsMountPoint=\/opt\/keybuzz\/postgres\/data$/m);
  });

  it("leave PySyncObj to the distribution where none is pinned", () => {
    assert.doesNotMatch(patroniDropIn({ mountPath }).content, /PYTHONPATH/);
  });

  it("show in the environment of Patroni what it was started with", () => {
    assert.match(patroniDropIn({ mountPath }).content, new RegExp(`^EnvironmentFile=-${PATRONI.startFile}$`, "m"));
    assert.match(patroniStartEnvironment("0123456789abcdef"), /^# Written by pgha.*\nPGHA_START=0123456789abcdef\n$/);
  });

  it("have a patronictl that finds PySyncObj and its configuration, unless somebody says otherwise", () => {
    const text = patronictlScript({ pythonPath: "/opt/pgha/pysyncobj-0.3.17" }).replace("exec /usr/bin/", "");
    const shown = (environment: Readonly<Record<string, string>>): string =>
      execFileSync(
        "/bin/sh",
        ["-c", `patronictl() { echo "$PYTHONPATH|$PATRONICTL_CONFIG_FILE|$#|$1"; }\n${text}`, "patronictl", "a b", "c"],
        { encoding: "utf8", env: environment },
      );
    assert.equal(shown({}), "/opt/pgha/pysyncobj-0.3.17|/etc/patroni/config.yml|2|a b\n");
    assert.equal(
      shown({ PYTHONPATH: "/mine", PATRONICTL_CONFIG_FILE: "/x.yml" }),
      "/opt/pgha/pysyncobj-0.3.17:/mine|/x.yml|2|a b\n",
    );
    assert.throws(() => patronictlScript({ pythonPath: '/a"; reboot' }), InvalidInputError);
  });

  it("have descriptors for both ends of every connection", () => {
    assert.match(haproxyUnit({ maxConnections: 100_000 }).content, /^LimitNOFILE=201024$/m);
    assert.match(pgbouncerUnit({ maxClientConnections: 1000 }).content, /^LimitNOFILE=65536$/m);
  });

  it("keep Debian from making a cluster of its own (F38)", () => {
    assert.match(createClusterConf(), /^create_main_cluster = false$/m);
  });

  it("refuse a path that would be another directive or a specifier", () => {
    for (const path of ["/a\nExecStartPre=/bin/false", "/a b", "/a%h", "/a/../b", "relative", "/"]) {
      assert.throws(() => patroniDropIn({ mountPath: path }).content, InvalidInputError, path);
      assert.throws(() => patroniDropIn({ mountPath, pythonPath: path }).content, InvalidInputError, path);
    }
  });
});
