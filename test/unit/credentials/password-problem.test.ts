import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { generatePassword } from "../../../src/credentials/generate-password.ts";
import { passwordProblem } from "../../../src/credentials/password-problem.ts";
import { sensitive } from "../../../src/credentials/sensitive.ts";

const refused = [
  "changeme",
  "CHANGE_ME",
  "change-me-please",
  "ChangeMe123!",
  "prod-changeme-2024",
  "password",
  "Password123",
  "P@ssword",
  "postgres",
  "postgres123",
  "secret",
  "supersecret",
  "<password>",
  "<YOUR PASSWORD HERE>",
  "${PG_PASSWORD}",
  "prefix-${PW}",
  "$(cat /run/pw)",
  "$POSTGRES_PASSWORD",
  "{{ vault_pg_password }}",
  "%PASSWORD%",
  "[[password]]",
  "__PASSWORD__",
  "xxx",
  "XXXXXXXXXXXX",
  "********",
  "aaaaaaaaaaaaaaaa",
  "example",
  "my-example-password",
  "your_password_here",
  "REPLACE_ME",
  "insert password here",
  "todo",
  "placeholder",
  "motdepasse",
  "12345678",
  "123456789",
  "qwerty123",
  "",
  "   ",
  "short",
  "sevench",
  "n8n",
  "N8N",
];
for (const password of refused) {
  void test(`F90 ${JSON.stringify(password)} is refused as a password`, () => {
    assert.notEqual(passwordProblem(sensitive(password), "n8n"), undefined);
  });
}

const accepted = [
  "correct horse battery staple",
  "Tr0ub4dor&3",
  "x9$K{2}q<7",
  "pässwörtlich42",
  "sparrow-exampled",
  'it\'s "fine" \\ $HOME',
  "a1b2c3d4",
  "KeyBuzzProd2024!",
];
for (const password of accepted) {
  void test(`${JSON.stringify(password)} is accepted as a password`, () => {
    assert.equal(passwordProblem(sensitive(password), "n8n"), undefined);
  });
}

for (const [reason, password, says] of [
  ["a line break at its end", "a1b2c3d4e5\n", /echo/],
  ["a control character", "a1b2\u0007c3d4", /control/],
  ["a broken surrogate", "a1b2c3d4\ud800", /encoding/],
  ["more than anyone means", "a1b2".repeat(200), /longer/],
] as const) {
  void test(`a password with ${reason} is refused, and told why`, () => {
    assert.match(passwordProblem(sensitive(password), "n8n") ?? "", says);
  });
}

void test("no message quotes the password", () => {
  fc.assert(
    fc.property(fc.constantFrom(...refused.filter((password) => password.length > 11)), (password) => {
      assert.ok(!(passwordProblem(sensitive(password), "n8n") ?? "").includes(password));
    }),
  );
});

void test("generated passwords are long, plain everywhere, accepted, and never the same", () => {
  const made = Array.from({ length: 500 }, () => generatePassword().reveal());
  assert.ok(
    made.every(
      (password) => /^[A-Za-z0-9]{24,}$/.test(password) && passwordProblem(sensitive(password), "n8n") === undefined,
    ),
  );
  assert.equal(new Set(made).size, made.length);
});
