import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { loginsFact } from "../../../src/facts/logins.ts";
import { secret } from "../../../src/shell/command.ts";
import { proxyHostQuestions } from "../../fixtures/facts/questions.ts";
import { anyCharacter } from "../../properties/any-character.ts";
import { runHere } from "./run-here.ts";
import { answerOf, hung, readTranscript, silent } from "./transcript.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const endpoints = { pooler: { address: "10.0.0.11", port: 6432 }, read: { address: "10.0.0.11", port: 5433 } };

function parse(
  results: readonly string[],
  password = "the-password",
): ReturnType<ReturnType<typeof loginsFact>["parse"]> {
  const fact = loginsFact({ ...endpoints, logins: [{ role: "r", database: "d", password }] });
  return fact.parse({ exitCode: 0, stdout: results.map((result) => `${result}\0`).join("") });
}

describe("logins", () => {
  it("through a real stack land where they should, and a wrong password is refused (F65)", () => {
    for (const name of ["debian-13/proxy", "debian-12/proxy"]) {
      const transcript = readTranscript(name);
      const logins = proxyHostQuestions(transcript.host).logins.parse(answerOf(transcript, "logins"));
      assert.deepEqual(
        logins.map(({ role, purpose, ok, inRecovery }) => [role, purpose, ok, inRecovery]),
        [
          ["keybuzz", "write", true, false],
          ["n8n", "write", true, false],
          ["chatwoot", "write", false, undefined],
          ["keybuzz", "read", true, true],
          ["keybuzz", "wrong-password", true, undefined],
        ],
      );
      assert.match(logins[2]?.error ?? "", /SASL authentication failed/);
    }
  });

  it("to a pooler that is paused did not answer, which is not a refusal", () => {
    const transcript = readTranscript("debian-13/proxy-paused");
    const [keybuzz] = proxyHostQuestions(transcript.host).logins.parse(answerOf(transcript, "logins"));
    assert.deepEqual([keybuzz?.ok, keybuzz?.error], [false, "10.77.2.11:6432 did not answer within 5 s"]);
  });

  it("that land on the wrong kind of server are not ok (F40)", () => {
    const [write, read] = parse(["0 0 t|10.0.0.120", "1 0 f|10.0.0.121", "2 2 FATAL:  password authentication failed"]);
    assert.deepEqual(
      [write?.ok, write?.error, write?.serverAddress],
      [false, "10.0.0.11:6432 led to a replica", "10.0.0.120"],
    );
    assert.deepEqual([read?.ok, read?.error], [false, "10.0.0.11:5433 led to a primary"]);
  });

  it("with a wrong password must be refused for the password, and for nothing else", () => {
    const verdict = (result: string): boolean | undefined => parse([`2 ${result}`])[2]?.ok;
    assert.equal(verdict('2 psql: error: FATAL:  password authentication failed for user "r"'), true);
    assert.equal(verdict("2 psql: error: FATAL:  SASL authentication failed"), true);
    for (const other of [
      "0 f|10.0.0.1",
      '2 FATAL:  no such database: "d"',
      "2 connection refused",
      "124 ",
      "127 psql: not found",
      '2 FATAL:  no pg_hba.conf entry for host "x"',
    ]) {
      assert.equal(verdict(other), false, other);
    }
  });

  it("that were never told about are not ok", () => {
    for (const output of [hung, silent]) {
      const results = loginsFact({ ...endpoints, logins: [{ role: "r", database: "d", password: "p" }] }).parse(output);
      assert.deepEqual(
        results.map(({ ok }) => ok),
        [false, false, false],
      );
    }
  });

  it(
    "go on to PostgreSQL itself, which knows the password or does not; anything else it says is not " + "about that",
    () => {
      const purposes = (behind: string): readonly unknown[] =>
        parse([`0 ${behind}`])
          .slice(0, 2)
          .map(({ purpose, ok }) => [purpose, ok]);
      const write = ["write", true];
      assert.deepEqual(purposes("0 f|10.0.0.120\n@behind\nf|10.0.0.120"), [write, ["direct", true]]);
      assert.deepEqual(
        purposes('3 f|10.0.0.120\n@behind\npsql: error: FATAL:  password authentication failed for user "r"'),
        [write, ["direct", false]],
      );
      const full = purposes('3 f|10.0.0.120\n@behind\npsql: error: FATAL:  too many connections for role "r"');
      assert.deepEqual(full, [write, ["read", false]]);
      assert.deepEqual(purposes("124 f|10.0.0.120\n@behind\n"), [write, ["read", false]]);
    },
  );

  it("that are refused for the role are told from those that nobody answered", () => {
    const isRefused = (result: string): boolean => parse([`0 ${result}`])[0]?.refused === true;
    for (const said of [
      'FATAL:  password authentication failed for user "r"',
      "FATAL:  SASL authentication failed",
      'FATAL:  role "r" is not permitted to log in',
      'FATAL:  database "d" does not exist',
      'FATAL:  too many connections for role "r"',
    ])
      assert.ok(isRefused(`2 psql: error: ${said}`), said);
    for (const result of [
      "124 ",
      "2 psql: error: connection refused",
      "2 FATAL:  server login has been failing",
      "0 t|x",
    ])
      assert.ok(!isRefused(result), result);
  });

  it("never show a password in an error", () => {
    const [write] = parse(["0 2 psql: error: invalid password the-password given"]);
    assert.equal(write?.error, "psql: error: invalid password *** given");
  });
});

describe("passwords for logins", () => {
  const directory = mkdtempSync(join(tmpdir(), "pgha-logins-"));
  after(() => removeFolder(directory));
  const stub = join(directory, "psql");
  writeFileSync(
    stub,
    `#!/bin/sh\nprintf %s "$PGPASSWORD" | base64 -w 0 > "${directory}/$(printf %s "$*" | sha256sum | cut -c ` +
      `1-16)"\ntr '\\0' ' ' </proc/$$/cmdline >> "${directory}/arguments"\nprintf '%s' "$*"\n`,
  );
  chmodSync(stub, 0o700);
  const stubbed = `PATH=${directory}:$PATH\n`;

  it("reach psql unchanged, whatever is in them, and only in its environment", async () => {
    const password = fc
      .oneof(
        fc.string({ unit: anyCharacter, maxLength: 30 }),
        fc.string({
          unit: fc.constantFrom("\\", "n", "\n", "'", '"', "$", "%", "c", "0", " ", "`", "."),
          maxLength: 12,
        }),
      )
      .filter((text) => !text.includes("\0") && text.isWellFormed());
    await fc.assert(
      fc.asyncProperty(password, async (text) => {
        const fact = loginsFact({ ...endpoints, logins: [{ role: "r", database: "d", password: secret(`x${text}`) }] });
        const script = stubbed + fact.command.script.replaceAll("/usr/lib/postgresql/", "/nonesuch/");
        const { output } = await runHere({ parse: () => undefined, command: { ...fact.command, script } });
        const write = output.stdout.split("\0").find((result) => result.startsWith("0 "));
        assert.ok(write !== undefined);
        const { createHash } = await import("node:crypto");
        const seen = readFileSync(
          join(directory, createHash("sha256").update(write.slice(4)).digest("hex").slice(0, 16)),
          "utf8",
        );
        assert.equal(Buffer.from(seen, "base64").toString(), `x${text}`);
      }),
      { numRuns: 25 },
    );
  });

  it("are in no argument and no script", async () => {
    const fact = loginsFact({ ...endpoints, logins: [{ role: "r", database: "d", password: "hunter2hunter2" }] });
    const script = stubbed + fact.command.script.replaceAll("/usr/lib/postgresql/", "/nonesuch/");
    await runHere({ parse: () => undefined, command: { ...fact.command, script } });
    const argumentsSeen = readFileSync(join(directory, "arguments"), "utf8");
    assert.match(argumentsSeen, /-U r -d d/);
    for (const text of [fact.command.script, fact.command.display, argumentsSeen]) assert.ok(!text.includes("hunter2"));
    assert.throws(() => loginsFact({ ...endpoints, logins: [{ role: "r", database: "d", password: "a\0b" }] }), /NUL/);
  });
});
