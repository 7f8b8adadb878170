import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidInputError } from "../../../src/errors.ts";
import {
  haproxyContainerUnit,
  patroniContainerUnit,
  pgbouncerContainerUnit,
} from "../../../src/render/container-units.ts";
import { fixture } from "../../fixtures/render/fixture.ts";

const container = { image: `sha256:${"0123456789abcdef".repeat(4)}`, inside: { uid: 70, gid: 71, version: "1.24.1" } };

const members = { mountPath: "/srv/postgres", pythonPath: "/opt/pgha/pysyncobj-0.3.17" };

describe("units of containers", () => {
  it("are exactly these", () => {
    assert.equal(haproxyContainerUnit(container, 2000).content, fixture("pgha-haproxy-container.service"));
    assert.equal(pgbouncerContainerUnit(container, 1000).content, fixture("pgha-pgbouncer-container.service"));
    assert.equal(patroniContainerUnit(container, members).content, fixture("pgha-patroni-container.service"));
  });

  it("have another mark for another image, another user of it, and another limit", () => {
    const marks = [
      pgbouncerContainerUnit(container, 1000),
      pgbouncerContainerUnit({ ...container, image: `sha256:${"f".repeat(64)}` }, 1000),
      pgbouncerContainerUnit({ ...container, inside: { ...container.inside, uid: 999 } }, 1000),
      pgbouncerContainerUnit(container, 60_000),
    ].map(({ startedMark }) => startedMark);
    assert.equal(new Set(marks).size, 4);
  });

  it("say in an ExecStart of systemd's what a shell is to run", () => {
    const { content } = haproxyContainerUnit(container, 2000);
    const lines = content.split("\n").filter((line) => /^Exec(Start|Reload)=\/bin\/sh/.test(line));
    assert.equal(lines.length, 3);
    for (const line of lines) {
      const script = /^Exec\w+=\/bin\/sh -c '([^']*)'$/.exec(line)?.[1];
      assert.ok(script !== undefined, line);
      // Every $ and % is doubled, every backslash an escape of systemd's.
      assert.doesNotMatch(script.replaceAll(/\$\$|%%|\\\\|\\n/g, ""), /[$%\\]/);
    }
  });

  it("never kill PostgreSQL for taking long to end, and wait for no disk that is not there", () => {
    const { content } = patroniContainerUnit(container, members);
    assert.doesNotMatch(content, /-s KILL/);
    assert.match(content, /^AssertPathIsMountPoint=\/srv\/postgres$/m);
    const seconds = (name: string): number => Number(new RegExp(`${name}=?(?:Sec=)? ?(\\d+)`).exec(content)?.[1]);
    assert.ok(seconds("TimeoutStopSec") > seconds("--stop-timeout"));
    assert.ok(seconds("TimeoutStartSec") > seconds("docker stop -t"), "one of another image is told to end first");
    for (const path of ["srv/postgres", "../x", "/srv/postgres;reboot"])
      assert.throws(() => patroniContainerUnit(container, { mountPath: path }), InvalidInputError, path);
  });

  it("refuse what is no image id", () => {
    for (const image of ["latest", "sha256:abc", `${container.image}; reboot`])
      assert.throws(() => pgbouncerContainerUnit({ ...container, image }, 1000), InvalidInputError, image);
  });
});
