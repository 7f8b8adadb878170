import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextSwitchover, servingWays } from "../../../../src/plan/operations/switchover.ts";
import type {
  SwitchoverIntent,
  SwitchoverMember,
  SwitchoverSeen,
  Way,
} from "../../../../src/plan/operations/switchover.ts";

const WAYS: readonly Way[] = ["p-1", "p-2"].flatMap((host): readonly Way[] => [
  { resource: "HAProxyPool/h", host, state: "serving", proxy: true },
  { resource: "PgBouncerPool/b", host, state: "serving", pooler: { port: 6432, waits: true } },
]);

/** A healthy cluster whose first member leads, and what is otherwise of a member. */
function cluster(
  other: Readonly<Record<string, Partial<SwitchoverMember>>> = {},
  seen: Partial<SwitchoverSeen> = {},
): SwitchoverSeen {
  const members = ["db-1", "db-2", "db-3"].map((name): SwitchoverMember => ({
    name,
    whyNot: undefined,
    isComing: false,
    isReader: name !== "db-1",
    isSynchronous: false,
    lagBytes: 0,
    priority: 1,
    ...other[name],
  }));
  return { leader: "db-1", members, hindrance: undefined, ways: WAYS, ...seen };
}

function next(seen: SwitchoverSeen, intent: Partial<SwitchoverIntent> = {}): string {
  const found = nextSwitchover(seen, { from: "db-1", ...intent });
  switch (found.kind) {
    case "step":
      return `${found.from} to ${found.to}`;
    case "wait":
      return `wait: ${found.for}`;
    case "refused":
      return `refused: ${found.why}`;
    case "done":
      return "done";
  }
}

describe("who comes to lead", () => {
  it("is a synchronous standby first, then who is least behind, then who is preferred, then the first", () => {
    assert.equal(next(cluster()), "db-1 to db-2");
    assert.equal(next(cluster({ "db-3": { priority: 2 } })), "db-1 to db-3");
    assert.equal(next(cluster({ "db-2": { lagBytes: 2 ** 20 }, "db-3": { priority: 0 } })), "db-1 to db-3");
    assert.equal(next(cluster({ "db-3": { isSynchronous: true, lagBytes: 2 ** 20 } })), "db-1 to db-3");
  });

  it("is the one that is named, whoever is better", () => {
    assert.equal(next(cluster({ "db-2": { isSynchronous: true } }), { to: "db-3" }), "db-1 to db-3");
  });

  it("is refused with its reason where it may not, and waited for where it is about to be able to", () => {
    const behind = { whyNot: "is 1 GiB behind, more than 1 MiB" };
    assert.equal(next(cluster({ "db-2": behind })), "db-1 to db-3");
    assert.equal(next(cluster({ "db-2": behind }), { to: "db-2" }), `refused: db-2 ${behind.whyNot}`);
    const never = { whyNot: "never leads (nofailover)" };
    assert.equal(
      next(cluster({ "db-2": behind, "db-3": never })),
      `refused: db-2 ${behind.whyNot}, db-3 never leads (nofailover)`,
    );
    const coming = { whyNot: "does not stream", isComing: true };
    assert.equal(next(cluster({ "db-2": coming, "db-3": never })), "wait: db-2 to be able to lead: it does not stream");
    assert.match(next(cluster(), { to: "db-9" }), /^refused: db-9 is no member/);
    assert.equal(next({ ...cluster(), members: cluster().members.slice(0, 1) }), "refused: there is no other member");
  });
});

describe("a switchover", () => {
  it("is over once another leads, or the one that was named, whoever brought it about", () => {
    assert.equal(next(cluster({}, { leader: "db-3" })), "done");
    assert.equal(next(cluster({}, { leader: "db-3" }), { to: "db-3" }), "done");
    assert.equal(next(cluster({}, { leader: "db-3" }), { to: "db-2" }), "db-3 to db-2");
    assert.equal(next(cluster(), { to: "db-1" }), "done");
  });

  it("waits for a leader, and is refused where roles do not change", () => {
    assert.match(next(cluster({}, { leader: undefined })), /^wait: a leader/);
    assert.equal(next(cluster({}, { hindrance: "Patroni is paused" })), "refused: Patroni is paused");
  });

  it("is refused beside a pooler that a person holds, also by force", () => {
    const held = WAYS.map((way): Way => (way.host === "p-2" && !way.proxy ? { ...way, state: "held" } : way));
    for (const force of [false, true])
      assert.match(
        next(cluster({}, { ways: held }), { force }),
        /^refused: p-2 has its PgBouncerPool\/b held by somebody/,
      );
  });

  it("is refused while clients come through a host that cannot be looked at, unless they are given up", () => {
    const unseen = WAYS.map((way): Way => (way.host === "p-2" ? { ...way, state: "unseen" } : way));
    assert.match(next(cluster({}, { ways: unseen })), /^refused: p-2 cannot be looked at/);
    assert.equal(next(cluster({}, { ways: unseen }), { force: true }), "db-1 to db-2");
    assert.deepEqual(
      servingWays(unseen).map(({ host }) => host),
      ["p-1", "p-1"],
    );
  });

  it("has nobody wait where nothing runs", () => {
    const stopped = WAYS.map((way): Way => (way.host === "p-1" ? { ...way, state: "stopped" } : way));
    assert.equal(next(cluster({}, { ways: stopped })), "db-1 to db-2");
    assert.deepEqual(
      servingWays(stopped).map(({ host }) => host),
      ["p-2", "p-2"],
    );
  });
});
