import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BrokenMember } from "../../../../src/plan/broken-members.ts";
import { nextReinit } from "../../../../src/plan/operations/reinit.ts";

const broken = (name: string, whyKept?: string, copy = "1"): BrokenMember => ({
  name,
  what: "is of no use",
  copy,
  triedAgain: false,
  whyKept,
});
const begun = (member: string, copy = "1") => ({ member, copy, since: "2026-11-30T00:00:00Z" });

function next(members: readonly BrokenMember[], record?: ReturnType<typeof begun>, isAllowed = true) {
  const { member, refused } = nextReinit(members, { begun: record, isAllowed });
  return [member?.name, ...refused.map(({ member: { name }, why }) => `${name} ${why ?? "is not let"}`)];
}

describe("which copy is made anew next", () => {
  it("none, where the spec does not let it happen: each is said", () => {
    assert.deepEqual(next([broken("a"), broken("b", "is kept")], undefined, false), [
      undefined,
      "a is not let",
      "b is kept",
    ]);
  });

  it("one of several, and the same one until it streams", () => {
    const both = [broken("a"), broken("b")];
    assert.deepEqual(next(both), ["a"]);
    assert.deepEqual(next(both, begun("b")), ["b"]);
    // a is being copied: it is broken no more, and does not stream yet.
    assert.deepEqual(next([broken("b")], begun("a")), [undefined]);
  });

  it("none that a person is to decide on, and the others all the same", () => {
    assert.deepEqual(next([broken("a", "is kept"), broken("b")]), ["b", "a is kept"]);
  });

  it("not the same member twice: what is wrong there is not the data", () => {
    const [member, why] = next([broken("a", undefined, "2")], begun("a", "1"));
    assert.equal(member, undefined);
    assert.match(why ?? "", /a was copied anew already \(2026-11-30/);
    assert.deepEqual(next([], begun("a")), [undefined]);
  });
});
