import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { PGDG_KEY_FINGERPRINT } from "../../../src/desired/pgdg.ts";
import { InvalidInputError } from "../../../src/errors.ts";
import { imageRecipe } from "../../../src/render/image-recipe.ts";
import type { RecipeOf } from "../../../src/render/image-recipe.ts";

const members = { version: 16, source: "distribution", extensions: ["pgvector"] } as const;

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

  it("has for members PostgreSQL in the version of the spec, Patroni and what their databases want", () => {
    assert.match(
      scriptOf(members),
      / --no-install-recommends postgresql-16 postgresql-16-pgvector patroni python3-cryptography;/,
    );
    assert.doesNotMatch(scriptOf({ ...members, extensions: [] }), /pgvector/);
    assert.match(scriptOf(members), /create_main_cluster = false/);
  });

  it("takes PGDG for a source where that is asked for, and only with its key", () => {
    assert.doesNotMatch(scriptOf(members), /apt\.postgresql\.org/);
    const script = scriptOf({ ...members, source: "pgdg" });
    assert.ok(script.indexOf(PGDG_KEY_FINGERPRINT) < script.indexOf("https://apt.postgresql.org"));
    assert.ok(script.indexOf("https://apt.postgresql.org") < script.indexOf("postgresql-16 "));
  });

  it("is another one for another version, source, extension and base", () => {
    const all = [
      imageRecipe(members, "debian:12"),
      imageRecipe(members, "debian:13"),
      imageRecipe({ ...members, version: 17 }, "debian:12"),
      imageRecipe({ ...members, source: "pgdg" }, "debian:12"),
      imageRecipe({ ...members, extensions: [] }, "debian:12"),
    ];
    assert.equal(new Set(all.map(({ digest }) => digest)).size, all.length);
    for (const base of ["", "debian; reboot", "debian\nRUN reboot"])
      assert.throws(() => imageRecipe(members, base), InvalidInputError, base);
  });
});
