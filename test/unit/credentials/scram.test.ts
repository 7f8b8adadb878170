import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { makeVerifier, parseVerifier, verifierMatches } from "../../../src/credentials/scram.ts";
import { preparePassword } from "../../../src/credentials/saslprep.ts";
import { sensitive } from "../../../src/credentials/sensitive.ts";
import { anyText } from "./any-text.ts";
import { postgresVectors } from "./scram-vectors.ts";

const cheap = { numRuns: 60 };
const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");

void test("a verifier carries the exchange of RFC 7677, section 3", () => {
  const parsed = parseVerifier(makeVerifier(sensitive("pencil"), salt, 4096));
  assert.ok(parsed);
  const exchange = [
    "n=user,r=rOprNGfwEbeRWgbNEkqO",
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  ].join(",");
  assert.equal(
    createHmac("sha256", parsed.serverKey).update(exchange).digest("base64"),
    "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  );
  const signature = createHmac("sha256", parsed.storedKey).update(exchange).digest();
  const proof = Buffer.from("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "base64");
  const clientKey = proof.map((byte, index) => byte ^ (signature[index] ?? 0));
  assert.deepEqual(createHash("sha256").update(clientKey).digest(), parsed.storedKey);
});

for (const [password, verifier] of postgresVectors) {
  void test(`F66 ${JSON.stringify(password)} is prepared as PostgreSQL prepares it`, () => {
    assert.equal(verifierMatches(sensitive(verifier), sensitive(password)), true);
    assert.equal(verifierMatches(sensitive(verifier), sensitive(`${password}!`)), false);
  });
}

void test("F66 the same password gives another verifier each time, and all of them match", () => {
  const password = sensitive("correct horse battery staple");
  const [first, second] = [makeVerifier(password), makeVerifier(password)];
  assert.notEqual(first.reveal(), second.reveal());
  assert.ok(verifierMatches(first, password) && verifierMatches(second, password));
});

void test("a verifier matches its own password and no other, whatever the characters", () => {
  fc.assert(
    fc.property(anyText(1), anyText(1), (one, other) => {
      const verifier = makeVerifier(sensitive(one), salt, 2);
      assert.ok(verifierMatches(verifier, sensitive(one)));
      assert.equal(verifierMatches(verifier, sensitive(other)), preparePassword(one) === preparePassword(other));
    }),
    cheap,
  );
});

void test("the form is PostgreSQL's, for every salt and count", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 50 }),
      (bytes, iterations) => {
        const verifier = makeVerifier(sensitive("x"), Buffer.from(bytes), iterations);
        assert.match(verifier.reveal(), /^SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/);
        const parsed = parseVerifier(verifier);
        assert.deepEqual([parsed?.iterations, parsed?.salt], [iterations, Buffer.from(bytes)]);
      },
    ),
    cheap,
  );
});

void test("plain ASCII is never changed", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCodePoint(code)) }),
      (text) => preparePassword(text) === text,
    ),
  );
});

const good = makeVerifier(sensitive("x"), salt, 4096).reveal();
for (const [reason, text] of [
  ["empty", ""],
  ["a plain password", "hunter22"],
  ["an md5 hash", "md5d41d8cd98f00b204e9800998ecf8427e"],
  ["another mechanism", good.replace("256", "512")],
  ["cut short", good.slice(0, -1)],
  ["with a line break after it", `${good}\n`],
  ["with no iterations", good.replace("4096", "0")],
  ["with more iterations than anyone waits for", good.replace("4096", "9999999")],
  ["with a salt that is no canonical base64", good.replace("gQ==", "gR==")],
] as const) {
  void test(`F67 a text that is ${reason} is no verifier`, () => {
    assert.equal(parseVerifier(sensitive(text)), undefined);
    assert.equal(verifierMatches(sensitive(text), sensitive("x")), false);
  });
}
