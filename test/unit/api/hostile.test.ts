import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SPEC_SCHEMAS, type Kind } from "../../../src/api/kinds.ts";
import { parseValue } from "../../../src/api/parse.ts";
import { isWithin } from "../../../src/api/path.ts";
import type { Schema } from "../../../src/api/schema.ts";
import { validateParsed } from "../../../src/api/validate.ts";
import { anyCharacter } from "../../properties/any-character.ts";
import { judgeValues, soundBaseline, soundStack } from "./stack.ts";

/** Strings that people and attackers put where a name is expected. */
const HOSTILE = [
  "'",
  '"',
  "`id`",
  "$(id)",
  "${HOME}",
  ";",
  "a b",
  "a\nb",
  "a\r\nb",
  "a\u0000b",
  "\u001b[31m",
  "..",
  "../../etc/passwd",
  "/",
  "-rf",
  "--",
  "*",
  "?",
  "|",
  "&",
  "<",
  ">",
  "#",
  "%include",
  "\\",
  "\\n",
  "a=b",
  "é",
  "\u202eabc",
  "\ud800",
  "💥",
  "{{x}}",
  "%s",
  "a".repeat(64),
  "a".repeat(5000),
  " ",
  "\t",
  "__proto__",
  "constructor",
  "null",
  "~",
  "@x",
  "!x",
];
const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc
    .tuple(
      fc.string({ unit: anyCharacter, maxLength: 8 }),
      fc.constantFrom(...HOSTILE),
      fc.string({ unit: "grapheme", maxLength: 8 }),
    )
    .map((parts) => parts.join("")),
);

/** Fields whose content is text that may hold nearly anything, and is quoted where it is used. */
const FREE_TEXT = [
  "spec.patroni.dcs.raft.pysyncobjFile",
  "spec.container.image.archive",
  "spec.ssh.knownHosts",
  "spec.postgresql.additionalHba",
];
/** What all other fields are made of, so that nothing needs quoting anywhere. */
const HARMLESS = /^[A-Za-z0-9_./:@+= -]*$/;

/** Never allowed anywhere: known_hosts text is the one field of several lines. */
const CONTROL = /[^\P{Cc}\n\t]/u;
/** What must not reach a terminal from a message. */
const TERMINAL = /[\p{Cc}\u202a-\u202e]/u;

interface Leaf {
  readonly path: readonly (string | number)[];
}

/** The path of every field that takes a string, the first item standing for a list. */
function* leaves(schema: Schema, path: readonly (string | number)[]): Iterable<Leaf> {
  if ("properties" in schema)
    for (const [name, field] of Object.entries(schema.properties)) yield* leaves(field, [...path, name]);
  else if ("items" in schema) yield* leaves(schema.items, [...path, 0]);
  else if ("type" in schema && schema.type === "string") yield { path };
}

function fields(kind: Kind): readonly Leaf[] {
  return [...leaves(SPEC_SCHEMAS[kind], ["spec"]), { path: ["metadata", "name"] }];
}

function put(root: object, path: readonly (string | number)[], value: unknown): void {
  const last = path.at(-1) ?? "";
  let at: object = root;
  for (const [index, part] of path.slice(0, -1).entries()) {
    const next: unknown = Reflect.get(at, part);
    if (typeof next !== "object" || next === null) Reflect.set(at, part, typeof path[index + 1] === "number" ? [] : {});
    at = Reflect.get(at, part);
  }
  Reflect.set(at, last, value);
}

function oneOfEach(): Readonly<Record<Kind, object>> {
  const { cluster, haproxy, pgbouncer } = soundStack();
  return {
    PostgresHACluster: cluster,
    HAProxyPool: haproxy,
    PgBouncerPool: pgbouncer,
    HostBaseline: soundBaseline(),
  };
}

for (const kind of Object.keys(SPEC_SCHEMAS) as readonly Kind[]) {
  test(`a hostile string at any field of a ${kind} is refused at that field, or the field may hold it`, () => {
    fc.assert(
      fc.property(fc.constantFrom(...fields(kind)), hostile, ({ path }, value) => {
        const all = oneOfEach();
        put(all[kind], path, value);
        const { problems } = judgeValues(Object.values(all));
        const written = path.reduce<string>(
          (before, part) =>
            typeof part === "number" ? `${before}[${part}]` : before === "" ? part : `${before}.${part}`,
          "",
        );
        const refused = problems.some((problem) => isWithin(problem.path, written));
        const allowed = FREE_TEXT.some((free) => isWithin(written, free)) || HARMLESS.test(value);
        assert.ok(refused || (allowed && !CONTROL.test(value)), `${written} took ${JSON.stringify(value)}`);
        for (const problem of problems)
          assert.doesNotMatch(
            `${problem.resource} ${problem.path} ${problem.message} ${problem.wayOut ?? ""}`,
            TERMINAL,
          );
      }),
      { numRuns: 800 },
    );
  });
}

test("hostile names and values among parameters are refused at their own path", () => {
  fc.assert(
    fc.property(hostile, hostile, (name, value) => {
      const { cluster, haproxy, pgbouncer } = soundStack();
      const parameters = Object.fromEntries([[name, value]]);
      cluster.spec.postgresql.parameters = parameters;
      pgbouncer.spec.parameters = parameters;
      const { problems } = judgeValues([cluster, haproxy, pgbouncer]);
      for (const path of ["spec.postgresql.parameters", "spec.parameters"]) {
        const refused = problems.some((problem) => isWithin(problem.path, path));
        assert.ok(refused || /^[a-z_][a-z0-9_.]*$/.test(name), `${path} took the name ${JSON.stringify(name)}`);
        assert.ok(refused || !/[\p{Cc}\u2028\u2029]/u.test(value), `${path} took the value ${JSON.stringify(value)}`);
      }
    }),
  );
});

test("no JSON value makes the reader or the rules throw", () => {
  const anything = fc.jsonValue({ maxDepth: 4 });
  const around = fc.oneof(
    anything,
    fc.record(
      {
        apiVersion: fc.constant("pgha.keybuzz.io/v1alpha1"),
        kind: fc.constantFrom(...Object.keys(SPEC_SCHEMAS)),
        metadata: anything,
        spec: anything,
        status: anything,
      },
      { requiredKeys: ["kind"] },
    ),
    fc.record(
      {
        kind: fc.constantFrom("Secret", "List"),
        metadata: anything,
        data: anything,
        stringData: anything,
        items: anything,
      },
      { requiredKeys: ["kind"] },
    ),
  );
  fc.assert(
    fc.property(around, (value) => {
      assert.ok(validateParsed(parseValue(value, "x")).problems.length >= 0);
    }),
    { numRuns: 800 },
  );
});

test("no JSON value at any place of a sound resource makes the rules throw", () => {
  const places = (Object.keys(SPEC_SCHEMAS) as readonly Kind[]).flatMap((kind) =>
    fields(kind).flatMap(({ path }) => path.map((_, index) => ({ kind, path: path.slice(0, index + 1) }))),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 })), { minLength: 1, maxLength: 4 }),
      (changes) => {
        const all = oneOfEach();
        for (const [{ kind, path }, value] of changes) put(all[kind], path, value);
        assert.ok(judgeValues(Object.values(all)).problems.length >= 0);
      },
    ),
    { numRuns: 800 },
  );
});
