import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lookAt } from "../../../src/facts/look.ts";
import { sh, withStdin } from "../../../src/shell/command.ts";
import { masked, maskedResult } from "../../../src/shell/masking.ts";

const bytes = (text: string): Buffer => Buffer.from(text);
const hex = (text: string): string => bytes(text).toString("hex");

/** How programs write a text when they complain: the name tells which. */
const WRITTEN: Readonly<Record<string, (text: string) => string>> = {
  "od -tx1": (text) => hex(text).replaceAll(/../g, " $&"),
  xxd: (text) => hex(text).replaceAll(/.{4}/g, "$& "),
  "a key's fingerprint": (text) =>
    hex(text)
      .toUpperCase()
      .replaceAll(/..(?=.)/g, "$&:"),
  "bytes of a C string": (text) => hex(text).replaceAll(/../g, String.raw`\x$&`),
  "a list of bytes": (text) => JSON.stringify([...bytes(text)]),
  "bytes of a C array": (text) => [...bytes(text)].map((byte) => `0x${byte.toString(16).padStart(2, "0")}`).join(", "),
  "every byte of a URL": (text) => hex(text).replaceAll(/../g, "%$&"),
  "URL in small letters": (text) => encodeURIComponent(text).replaceAll(/%../g, (found) => found.toLowerCase()),
  "a form": (text) => encodeURIComponent(text).replaceAll("%20", "+"),
  "od -to1": (text) => [...bytes(text)].map((byte) => ` ${byte.toString(8).padStart(3, "0")}`).join(""),
  "base64 -w 10": (text) => bytes(text).toString("base64").replaceAll(/.{10}/g, "$&\n"),
  base64url: (text) => bytes(text).toString("base64url"),
  "json.dumps": (text) =>
    JSON.stringify(text).replaceAll(
      /[^ -~]/g,
      (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  "repr of bytes": (text) => text.replaceAll(/[^ -~]/gu, (found) => hex(found).replaceAll(/../g, String.raw`\x$&`)),
  "printf %q": (text) => text.replaceAll(/[^\p{L}\p{N}]/gu, String.raw`\$&`),
  "a journal": (text) => text.replaceAll(/[^\w]/gu, (found) => hex(found).replaceAll(/../g, String.raw`\x$&`)),
  HTML: (text) =>
    text.replaceAll("&", "&amp;").replaceAll("'", "&#39;").replaceAll('"', "&quot;").replaceAll("<", "&lt;"),
  "lines of five": (text) => text.replaceAll(/.{5}/gu, "$&\n"),
  "other blanks": (text) => text.replaceAll(" ", "\t "),
  "a terminal that wraps": (text) => `${text.slice(0, 7)}\r\n${text.slice(7)}`,
};

const PASSWORDS = ["Tr0ub4dor&3xyz", "eight888", "s3cr3t pass'word", "äöü€ß lang genug", "a/b+c=d?e&f<g", "pässwörd"];

describe("what must not be shown is hidden however a program wrote it", () => {
  for (const [how, write] of Object.entries(WRITTEN)) {
    it(how, () => {
      for (const password of PASSWORDS) {
        const text = write(password);
        const shown = masked(`refused: ${text} (2)`, [password]);
        const left = shown
          .replace("refused: ", "")
          .replace(" (2)", "")
          .replaceAll("***", "")
          .replaceAll(/[\s:%\\x=[\]]/g, "");
        // At an edge a base64 group, or an escape that is cut in two, may stay.
        assert.ok(left.length <= 4, `${password}: ${shown}`);
        assert.match(shown, /^refused: .*\(2\)$/s);
      }
    });
  }

  it("of a short one, most of it is as good as all", () => {
    assert.equal(masked("near ...eight88", ["eight888"]), "near ...***");
    assert.equal(masked("near ght888", ["eight888"]), "near ***");
  });

  it("a verifier, whosoever it is, and in a command without any secret", () => {
    const verifier = "SCRAM-SHA-256$4096:b2xkIHNhbHQgb2xkIHNhbHQ=$c3RvcmVkIGtleQ==:c2VydmVyIGtleQ==";
    const said = `"app" "${verifier}" md5${"0123456789abcdef".repeat(2)}\n`;
    const { stderr } = maskedResult(sh`true`, { exitCode: 1, stdout: "", stderr: said });
    assert.equal(stderr, '"app" "SCRAM-SHA-256$4096:***" ***\n');
  });

  it("leaves words alone that a password happens to have in it", () => {
    const said = 'FATAL:  password authentication failed for user "app": the light is right';
    assert.equal(masked(said, ["my-pass-word-is-long", "the-password", "eight888"]), said);
  });

  it("an answer that makes no sense and is quoted for it", async () => {
    const fact = {
      command: withStdin(sh`cat`, "x\n", ["S3cretS3cretS3cret"]),
      parse: ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout) as unknown,
    };
    const look = await lookAt(
      {
        host: "db-1",
        run: async ({ stdin }) => {
          const nonce = String(stdin).split("\n")[0];
          const stdout = `\n${nonce} in 0\nS3cretS3cretS3cret\n${nonce} out 0 0\n`;
          return { exitCode: 0, stdout, stderr: "" };
        },
      },
      { fact },
    );
    assert.ok(!look.seen && look.reason === "LookFailed");
    assert.ok(!look.message.includes("S3cret"), look.message);
  });
});
