import { PATRONI } from "../../../src/desired/services.ts";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { InvalidInputError } from "../../../src/errors.ts";
import {
  createClusterConf,
  haproxyUnit,
  patroniDropIn,
  patronictlScript,
  patroniStartEnvironment,
  pgbouncerUnit,
} from "../../../src/render/units.ts";
import { fixture } from "../../fixtures/render/fixture.ts";

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
