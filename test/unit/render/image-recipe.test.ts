import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { PGDG_KEY_FINGERPRINT } from "../../../src/desired/pgdg.ts";
import { InvalidInputError } from "../../../src/errors.ts";
import { imageRecipe } from "../../../src/render/image-recipe.ts";
import type { RecipeOf } from "../../../src/render/image-recipe.ts";

const members = { version: 16, source: "distribution", extensions: [{ name: "pgvector", control: "vector" }] } as const;

/** What a shell is given by RUN. */
function scriptOf(of: RecipeOf): string {
  const { dockerfile } = imageRecipe(of, "debian:12-slim");
  return /^RUN ([^]*)$/m.exec(dockerfile)?.[1]?.replaceAll("\\\n", "\n") ?? assert.fail();
}

describe("the recipe of an image", () => {
  for (const kind of ["haproxy", "pgbouncer", members, { ...members, source: "pgdg" }] as const)
    it(`is a script that a shell understands, for ${JSON.stringify(kind)}`, () => {
      const { status, stderr } = spawnSync("sh", ["-n", "-c", scriptOf(kind)], { encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""]);
    });

  /** Packages that it installs on a base that has these files. */
  function installed(of: RecipeOf, has: readonly string[] = [], versions: Readonly<Record<string, string>> = {}) {
    const { dockerfile } = imageRecipe(of, "debian:12-slim", versions);
    const script = /^    set --; [^]*"\$@";/m.exec(dockerfile)?.[0].replaceAll("\\\n", "\n") ?? assert.fail();
    const there = has.reduce((text, path) => text.replaceAll(`[ -e ${path} ]`, "true"), script);
    const { stdout } = spawnSync("sh", ["-euc", there.replace(/apt-get (?:\S+ ){4}/, "echo ")], { encoding: "utf8" });
    return stdout.trim();
  }

  it("has for members PostgreSQL in the version of the spec, Patroni and what their databases want", () => {
    assert.equal(installed(members), "postgresql-16 postgresql-16-pgvector patroni python3-cryptography");
    assert.equal(installed({ ...members, extensions: [] }), "postgresql-16 patroni python3-cryptography");
    assert.match(scriptOf(members), /create_main_cluster = false/);
  });

  it("leaves what the base has already as it is, and takes the versions that are asked for", () => {
    const has = ["/usr/lib/postgresql/16/bin/postgres", "/usr/share/postgresql/16/extension/vector.control"];
    assert.equal(installed(members, has), "patroni python3-cryptography");
    assert.equal(
      installed(members, has, { patroni: "4.0.7-1", "postgresql-16": "1:16.4-1" }),
      "postgresql-16=1:16.4-1 patroni=4.0.7-1 python3-cryptography",
    );
    assert.equal(installed("haproxy", [], { haproxy: "3.0.11-1" }), "haproxy=3.0.11-1");
    assert.throws(() => imageRecipe(members, "debian:12", { patroni: "1; reboot" }), InvalidInputError);
  });

  it("takes PGDG for a source where that is asked for, and only with its key", () => {
    assert.doesNotMatch(scriptOf(members), /apt\.postgresql\.org/);
    const script = scriptOf({ ...members, source: "pgdg" });
    assert.ok(script.indexOf(PGDG_KEY_FINGERPRINT) < script.indexOf("https://apt.postgresql.org"));
    assert.ok(script.indexOf("https://apt.postgresql.org") < script.indexOf("postgresql-16;"));
  });

  it("is another one for another version, source, extension and base", () => {
    const all = [
      imageRecipe(members, "debian:12"),
      imageRecipe(members, "debian:13"),
      imageRecipe({ ...members, version: 17 }, "debian:12"),
      imageRecipe({ ...members, source: "pgdg" }, "debian:12"),
      imageRecipe({ ...members, extensions: [] }, "debian:12"),
      imageRecipe(members, "debian:12", { patroni: "4.0.7-1" }),
    ];
    assert.equal(new Set(all.map(({ digest }) => digest)).size, all.length);
    for (const base of ["", "debian; reboot", "debian\nRUN reboot"])
      assert.throws(() => imageRecipe(members, base), InvalidInputError, base);
  });
});
