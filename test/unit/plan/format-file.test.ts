import assert from "node:assert/strict";
import { test } from "node:test";
import { fileDetails, stepsToCompare } from "../../../src/plan/format-file.ts";
import type { DiffMode } from "../../../src/plan/format-file.ts";
import type { Change } from "../../../src/changes/table.ts";
import { styleFor } from "../../../src/text/style.ts";
import { CONFIG_AFTER, CONFIG_BEFORE, EXAMPLE, NOTHING, existing, file, step } from "./example-plan.ts";

const lines = (change: Change, mode: DiffMode, current?: string): readonly string[] =>
  (
    fileDetails(
      { ...NOTHING, steps: [step("db-1", "f", "prepare", change, "")] },
      mode,
      new Map(current === undefined ? [] : [["db-1/f", current]]),
      styleFor(false),
    ).get("db-1/f") ?? []
  ).map((line) => line.slice(6));

test("a new file is shown in full when everything is asked for", () => {
  assert.deepEqual(lines({ kind: "write-file", file: file("/a", "one\n\ntwo\n"), before: { kind: "absent" } }, "all"), [
    "new file, 3 lines, root:root 0644",
    "+one",
    "+",
    "+two",
  ]);
});

test("a secret file's content is never shown, new or changed, whatever is asked for", () => {
  for (const before of [{ kind: "absent" } as const, existing("password=old\n")]) {
    const shown = lines(
      { kind: "write-file", file: file("/a", "password=hunter2\n", { secret: true }), before },
      "all",
      "password=old\n",
    ).join("\n");
    assert.doesNotMatch(shown, /password|hunter2|=old/);
    assert.match(shown, /content not shown/);
  }
});

test("only existing, changed, public files are asked for from the hosts", () => {
  const secretStep = step(
    "db-1",
    "s",
    "prepare",
    { kind: "write-file", file: file("/s", "x", { secret: true }), before: existing("y") },
    "",
  );
  const sameStep = step(
    "db-1",
    "m",
    "prepare",
    { kind: "write-file", file: file("/m", "x"), before: existing("x", { mode: 0o600 }) },
    "",
  );
  assert.deepEqual(stepsToCompare({ ...EXAMPLE, steps: [...EXAMPLE.steps, secretStep, sameStep] }), [
    { id: "proxy-1/file:haproxy.cfg", host: "proxy-1", path: "/etc/pgha/haproxy.cfg" },
  ]);
});

test("a change of access alone is named, with no diff", () => {
  assert.deepEqual(
    lines(
      { kind: "write-file", file: file("/a", "x\n", { mode: 0o600 }), before: existing("x\n", { owner: "postgres" }) },
      "changes",
    ),
    ["postgres:root 0644 becomes root:root 0600"],
  );
});

test("a file that could not be read is said to be so", () => {
  assert.deepEqual(
    lines({ kind: "write-file", file: file("/a", CONFIG_AFTER), before: existing(CONFIG_BEFORE) }, "changes"),
    ["its content on the host could not be read for a diff"],
  );
});

test("no details at all when none are asked for", () => {
  assert.deepEqual(
    lines(
      { kind: "write-file", file: file("/a", CONFIG_AFTER), before: existing(CONFIG_BEFORE) },
      "none",
      CONFIG_BEFORE,
    ),
    [],
  );
});

test("a file's content cannot steer the terminal", () => {
  assert.deepEqual(
    lines({ kind: "write-file", file: file("/a", "a\u001B[2J\n"), before: existing("a\n") }, "changes", "a\n"),
    ["@@ -1,1 +1,1 @@", "-a", "+a\\x1b[2J"],
  );
});
