import assert from "node:assert/strict";
import { test } from "node:test";
import { askedRotations } from "../../../src/cli/apply/rotations.ts";
import { PghaError } from "../../../src/errors.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const stack = sampleStack();
const [cluster] = stack.clusters;
assert.ok(cluster);
const two = { ...stack, clusters: [cluster, { ...cluster, metadata: { name: "other" } }] };

test("a new password is asked for by role, by several, and by cluster and role", async () => {
  const asked = askedRotations(stack, ["n8n,keybuzz", " n8n "]);
  assert.deepEqual(asked.asked(cluster), ["n8n", "keybuzz"]);
  await asked.done(cluster, "n8n");
  assert.deepEqual([asked.asked(cluster), asked.unmet()], [["keybuzz"], ["keybuzz"]]);
  assert.deepEqual(askedRotations(two, ["other/n8n"]).asked(cluster), []);
  assert.deepEqual(askedRotations(stack, []).unmet(), []);
});

test("what is no role that logs in, or may be two, is refused before anything is looked at, with what to write", () => {
  for (const [of, text, wayOut] of [
    [stack, "nobody", /^name one of keybuzz and n8n$/],
    [stack, "readers", /^name one of keybuzz and n8n$/],
    [stack, "nowhere/n8n", /declare it under spec\.roles/],
    [two, "n8n", /^write --rotate keybuzz-pg\/n8n$/],
  ] as const)
    assert.throws(
      () => askedRotations(of, [text]),
      (error) => error instanceof PghaError && error.reason === "NoSuchRole" && wayOut.test(error.wayOut ?? ""),
    );
});
