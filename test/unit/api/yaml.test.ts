import assert from "node:assert/strict";
import { test } from "node:test";
import { isBounded, readDocuments } from "../../../src/api/yaml.ts";

function messageOf(text: string): string {
  const { documents, problems } = readDocuments(text, "f.yaml");
  assert.deepEqual(documents, []);
  assert.equal(problems.length, 1);
  assert.equal(problems[0]?.resource, "f.yaml");
  return problems[0].message;
}

test("a doubled key is refused with its line", () => {
  assert.match(messageOf("a: 1\nb: 2\na: 3"), /duplicated mapping key in line 3, column 1/);
});

test("what YAML quotes from the file is not repeated: it may be a piece of a password", () => {
  assert.doesNotMatch(messageOf("password: *hunter2"), /hunter2/);
  assert.doesNotMatch(messageOf("password: !hunter2 x"), /hunter2/);
  assert.doesNotMatch(messageOf('password: "hunter2'), /hunter2/);
});

test("a number that starts with 0 is refused: it is another number to kubectl", () => {
  assert.match(messageOf("a: 1\nb:\n  log_file_mode: 0640"), /starts with 0 in line 3/);
  assert.match(messageOf("a: [1, 007]"), /starts with 0 in line 1/);
  assert.deepEqual(readDocuments("a: '0640'\nb: 0\nc: 0.5\nd: -1", "f.yaml").documents, [
    { a: "0640", b: 0, c: 0.5, d: -1 },
  ]);
});

test("a bomb of aliases is refused quickly", () => {
  const levels = Array.from({ length: 30 }, (_, index) => `l${index + 1}: &l${index + 1} [${`*l${index},`.repeat(9)}]`);
  const started = performance.now();
  assert.match(messageOf(`l0: &l0 [x]\n${levels.join("\n")}`), /too large|exceeded/);
  assert.ok(performance.now() - started < 2000);
});

test("a document that refers to itself, and one that is nested without end, are refused", () => {
  assert.match(messageOf("a: &a [*a]"), /refers to itself/);
  assert.match(messageOf("[".repeat(100_000)), /nesting exceeded/);
});

test("aliases within reason and merge keys are fine", () => {
  const { documents } = readDocuments("ssh: &s {user: root}\nother: {<<: *s, port: 22}", "f.yaml");
  assert.deepEqual(documents, [{ ssh: { user: "root" }, other: { user: "root", port: 22 } }]);
});

test("empty documents are skipped", () => {
  assert.deepEqual(readDocuments("---\n# nothing\n---\na: 1\n---\n", "f.yaml").documents, [{ a: 1 }]);
});

test("a small tree is bounded and a wide one is not", () => {
  assert.equal(isBounded({ a: [1, { b: 2 }] }), true);
  assert.equal(isBounded(Array.from({ length: 300_000 }, () => 0)), false);
});
