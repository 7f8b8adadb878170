import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { mountUnitOf } from "../../../src/desired/volumes.ts";
import { mountUnit } from "../../../src/render/mount-unit.ts";

describe("the unit that mounts a data volume", () => {
  it("is called as systemd calls it", () => {
    const hasSystemd = (path: string): string =>
      execFileSync("systemd-escape", ["--path", "--suffix=mount", path], { encoding: "utf8" }).trim();
    for (const path of ["/data", "/opt/keybuzz/postgres/data", "/srv/pg-data/v_1.0"])
      assert.equal(mountUnitOf(path), hasSystemd(path));
  });

  it("fails no boot when the volume is away, and takes nothing that is no name", () => {
    const input = {
      path: "/data",
      volume: { by: "label", name: "pg" },
      filesystem: undefined,
      options: ["noatime"],
    } as const;
    assert.match(mountUnit(input), /^Type=auto\nOptions=nofail,noatime$/m);
    assert.match(mountUnit(input), /^WantedBy=local-fs\.target$/m);
    assert.throws(() => mountUnit({ ...input, options: ["noatime\nExec=x"] }), /options/);
    assert.throws(() => mountUnit({ ...input, volume: { by: "label", name: "a b" } }), /label/);
  });
});
