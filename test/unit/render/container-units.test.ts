import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidInputError } from "../../../src/errors.ts";
import { haproxyContainerUnit, pgbouncerContainerUnit } from "../../../src/render/container-units.ts";
import { fixture } from "../../fixtures/render/fixture.ts";

const container = { image: `sha256:${"0123456789abcdef".repeat(4)}`, inside: { uid: 70, gid: 71, version: "1.24.1" } };

describe("units of containers", () => {
  it("are exactly these", () => {
    assert.equal(haproxyContainerUnit(container, 2000).content, fixture("pgha-haproxy-container.service"));
    assert.equal(pgbouncerContainerUnit(container, 1000).content, fixture("pgha-pgbouncer-container.service"));
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

  it("refuse what is no image id", () => {
    for (const image of ["latest", "sha256:abc", `${container.image}; reboot`])
      assert.throws(() => pgbouncerContainerUnit({ ...container, image }, 1000), InvalidInputError, image);
  });
});
