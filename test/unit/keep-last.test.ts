import assert from "node:assert/strict";
import { test } from "node:test";
import { keepLast, oncePer } from "../../src/keep-last.ts";

test("what was made is given again while every part is the same object", () => {
  const keep = keepLast<object>();
  const part = {};
  const first = keep([part, "name"], () => ({}));
  assert.equal(
    keep([part, "name"], () => ({})),
    first,
  );
  assert.notEqual(
    keep([{}, "name"], () => ({})),
    first,
    "an equal part is not the same one",
  );
});

test("a part more or less, or in another place, has it made anew", () => {
  const keep = keepLast<number>();
  const [one, two] = [{}, {}];
  for (const [index, parts] of [[one, two], [two, one], [one], []].entries())
    assert.equal(
      keep(parts, () => index),
      index,
    );
});

test("what could not be made is tried again", () => {
  const keep = keepLast<number>();
  assert.throws(
    () =>
      keep([], () => {
        throw new Error("no");
      }),
    /no/,
  );
  assert.equal(
    keep([], () => 1),
    1,
  );
});

test("of each object something is made once, and again when it could not be made", () => {
  let made = 0;
  const once = oncePer((key: { readonly fails?: true }) => {
    made += 1;
    if (key.fails === true) throw new Error("no");
    return { made };
  });
  const [one, other, bad] = [{}, {}, { fails: true } as const];
  assert.equal(once(one), once(one));
  assert.notEqual(once(one), once(other));
  assert.throws(() => once(bad), /no/);
  assert.throws(() => once(bad), /no/);
  assert.equal(made, 4);
});
