import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { planMembers } from "../../src/plan/members.ts";
import type { MemberFacts } from "../../src/plan/member-facts.ts";
import { BARE, ID, looks, WISH } from "../unit/plan/member-facts.ts";
import { worldsOf } from "../model/worlds.ts";

const dataDirectory: fc.Arbitrary<MemberFacts["dataDirectory"]> = fc.oneof(
  fc
    .constantFrom("absent" as const, "empty" as const, "noise" as const, "partial" as const)
    .map((state) => ({ class: state, entries: [] })),
  fc
    .record({ systemId: fc.constantFrom(ID, "1"), majorVersion: fc.constantFrom(15, 17) })
    .map((found) => ({ class: "valid" as const, entries: [], ...found })),
);

const member: fc.Arbitrary<MemberFacts | "away"> = fc.oneof(
  { weight: 1, arbitrary: fc.constant("away" as const) },
  {
    weight: 5,
    arbitrary: fc
      .record({ dataDirectory, active: fc.boolean(), journals: fc.constantFrom([], ["j"]), primary: fc.boolean() })
      .map(({ dataDirectory: found, active, journals, primary }): MemberFacts => ({
        ...BARE,
        dataDirectory: found,
        dcs: { traces: journals },
        unit: { ...BARE.unit, activeState: active ? "active" : "inactive" },
        patroni: active
          ? {
              answers: true,
              member: {
                state: "running",
                role: primary ? "primary" : "replica",
                pendingRestart: false,
                paused: false,
                tags: {},
              },
            }
          : { answers: false },
      })),
  },
);

test(
  "whatever the members look like, a bootstrap is begun only when all were seen, none holds data, and " +
    "none ever did",
  () => {
    fc.assert(
      fc.property(
        fc.tuple(member, member, member),
        fc.option(fc.constant(ID), { nil: undefined }),
        (members, systemId) => {
          const plan = planMembers({ ...WISH, systemId }, looks(...members));
          const begins =
            plan.steps.some((step) => step.change.kind === "record-bootstrap-intent") && plan.blockers.length === 0;
          if (!begins && plan.life !== "absent") return;
          for (const facts of members) {
            assert.ok(facts !== "away" && facts.unit.activeState !== "active" && facts.dataDirectory.class !== "valid");
            if (begins) assert.ok(facts.dataDirectory.class === "absent" || facts.dataDirectory.class === "empty");
          }
          assert.equal(systemId, undefined);
        },
      ),
      worldsOf(3000),
    );
  },
);

test("whatever the members look like, a plan only ever starts members", () => {
  fc.assert(
    fc.property(fc.tuple(member, member, member), fc.boolean(), (members, bootstrapIntended) => {
      const plan = planMembers({ ...WISH, bootstrapIntended }, looks(...members));
      for (const step of plan.steps)
        assert.ok(step.change.kind === "start-unit" || step.change.kind === "record-bootstrap-intent");
    }),
    worldsOf(1000),
  );
});
