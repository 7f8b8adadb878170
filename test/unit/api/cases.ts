import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, places, type Stack } from "./stack.ts";

/** A sound stack, spoilt in one way, and where that must be noticed. */
export interface Case {
  readonly reason: string;
  readonly spoil: (stack: Stack) => void;
  readonly problems?: readonly string[];
  readonly warnings?: readonly string[];
  /** What the first problem, or without one the first warning, must say. */
  readonly says?: RegExp;
}

export function testCases(cases: readonly Case[]): void {
  for (const { reason, spoil, problems = [], warnings = [], says } of cases) {
    test(reason, () => {
      const verdict = judge(spoil);
      const told = [...verdict.problems, ...verdict.warnings];
      assert.deepEqual(places(verdict.problems).toSorted(), problems.toSorted());
      assert.deepEqual(places(verdict.warnings), warnings);
      if (says !== undefined) assert.match(told[0]?.message ?? "", says);
      for (const each of told) assert.notEqual(each.wayOut ?? "", "", "every finding has a way out");
    });
  }
}

export const DB = "PostgresHACluster/main";
export const PROXY = "HAProxyPool/proxy";
export const POOLER = "PgBouncerPool/pooler";
