import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { inspect } from "node:util";
import { describe, it } from "node:test";
import fc from "fast-check";
import { asWord, raw, script, secret, sh, withInput, withStdin } from "../../../src/shell/command.ts";
import type { Command } from "../../../src/shell/command.ts";
import { anyCharacter } from "../../properties/any-character.ts";

function runBy(shell: string, command: Command): string {
  return execFileSync(shell, ["-c", command.script], { input: command.stdin ?? "", encoding: "utf8" });
}

const hostile = [
  "",
  "it's",
  "$(touch /tmp/pgha-injected)",
  "`id`",
  "a\nb\n",
  "--help",
  "-n",
  "$HOME ${HOME} $$",
  "\\",
  "\\\\n",
  '"',
  "' ; exit 9 ; '",
  "if",
  "2",
  "A=b",
  "#x",
  "~",
  "*",
  "\r\t\x01\x7f",
  "é€😀",
  "..",
];

describe("sh quotes what it is given", () => {
  for (const shell of ["/bin/sh", "/usr/bin/dash", "/bin/bash"]) {
    it(`a hostile string reaches ${shell} unchanged, with nothing run or expanded`, () => {
      const text = fc.oneof(
        { weight: 4, arbitrary: fc.string({ unit: anyCharacter, maxLength: 40 }) },
        {
          weight: 2,
          arbitrary: fc.string({
            unit: fc.constantFrom("'", '"', "$", "(", ")", "`", "\\", "\n", " ", "-", "a"),
            maxLength: 20,
          }),
        },
        fc.constantFrom(...hostile),
      );
      // One process for many strings: each is printed between two NULs that no string can hold.
      const lists = fc.array(
        text.filter((candidate) => !candidate.includes("\0")),
        { minLength: 40, maxLength: 80 },
      );
      fc.assert(
        fc.property(lists, (texts) => {
          const out = runBy(shell, script(texts.map((item) => sh`printf '%s\0' ${item}`)));
          assert.deepEqual(out.split("\0"), [...texts, ""]);
        }),
        { numRuns: 10 },
      );
    });
  }

  it("each hostile string of the list survives alone, as a word of a list, and as part of a longer word", () => {
    const list = runBy("/bin/sh", sh`printf '%s\0' ${hostile}`);
    assert.deepEqual(list.split("\0").slice(0, -1), hostile);
    const each = hostile.flatMap((text) => [sh`printf '%s\0' a${text}z`, sh`printf '%s\0' "$(printf %s. ${text})"`]);
    assert.deepEqual(
      runBy("/bin/sh", script(each)).split("\0").slice(0, -1),
      hostile.flatMap((text) => [`a${text}z`, `${text}.`]),
    );
  });

  it("plain words stay readable, reserved words and digits are quoted", () => {
    assert.equal(
      sh`install -m 0600 ${"/etc/patroni/config.yml"} ${"a b"}`.script,
      "install -m 0600 /etc/patroni/config.yml 'a b'",
    );
    assert.equal(sh`${"done"} ${"2"} ${""}`.script, "'done' '2' ''");
  });

  it("numbers go in bare, lists become words, an empty list becomes none", () => {
    assert.equal(sh`head -c ${12} ${["a.b", 3]} ${[]}`.script, "head -c 12 a.b 3 ");
    assert.throws(() => sh`sleep ${Number.NaN}`, /not a number/);
  });

  it("the template is taken as written, but for escaped backticks and dollars", () => {
    assert.equal(runBy("/bin/sh", sh`x=5; printf '%s\n' "\${x}"`), "5\n");
  });

  it("what cannot arrive unchanged is refused", () => {
    assert.throws(() => sh`echo ${"a\0b"}`, /NUL/);
    assert.throws(() => sh`echo ${"\ud800"}`, /surrogate/);
    // @ts-expect-error undefined is no value of a script
    assert.throws(() => sh`echo ${undefined}`, TypeError);
    // @ts-expect-error nor is null
    assert.throws(() => sh`echo ${null}`, TypeError);
  });
});

describe("sh refuses places where quoting would be void", () => {
  const value = "$(id)";
  const refused: readonly [string, () => Command, RegExp][] = [
    ["double quotes", () => sh`echo "${value}"`, /inside double quotes/],
    ["single quotes", () => sh`echo '${value}'`, /inside single quotes/],
    ["a comment", () => sh`echo # ${value}`, /inside a comment/],
    ["arithmetic", () => sh`echo $((1 + ${value}))`, /inside \$\(\( \)\)/],
    ["a parameter expansion", () => sh`echo \${x:-${value}}`, /inside \$\{ \}/],
    ["double quotes inside a substitution", () => sh`echo "$(echo "${value}")"`, /inside double quotes/],
    [
      "double quotes inside a substitution with a case",
      () => sh`echo "$(case x in a) echo "${value}";; esac)"`,
      /case/,
    ],
    ["after a dollar sign", () => sh`echo $${value}`, /after a dollar sign/],
    ["backticks", () => sh`echo \`cat ${value}\``, /instead of backticks/],
    ["a here-document", () => sh`cat <<EOF`, /here-document/],
    ["a quoted here-document with a value in it", () => sh`cat <<'END'\n${"value"}\nEND`, /here-document/],
    ["a quoted here-document without its end", () => sh`cat <<'END'\nENDLESS\n`, /here-document/],
    ["a number before a redirection", () => sh`echo ${2}>/dev/null`, /blank between/],
    ["a command in double quotes", () => sh`echo "${sh`id`}"`, /inside double quotes/],
  ];
  for (const [place, build, message] of refused) {
    it(`a value in ${place}`, () => {
      assert.throws(build, message);
    });
  }

  it("an unfinished quote is refused, so that it cannot swallow what is composed behind it", () => {
    assert.throws(() => sh`echo 'a`, /ends inside single quotes/);
    assert.throws(() => sh`echo "$(a"`, /ends/);
    assert.throws(() => sh`true # note`, /ends inside a comment/);
  });

  it("a value may stand in a substitution, a group, an assignment, after a comment", () => {
    const text = "it's";
    const command = sh`# don't
      x=${text}; ( printf %s "$x" ); y="$(printf '%s' ${text})"; case "$y" in it*) printf %s "$((1 + 1))" ;; esac`;
    assert.equal(runBy("/usr/bin/dash", command), "it's2");
  });
});

describe("commands compose", () => {
  it("a nested command is spliced in and brings its input", () => {
    const inner = withInput(sh`cat`, "hello");
    const outer = sh`if true; then ${inner}; fi`;
    assert.equal(runBy("/bin/sh", outer), "hello");
    assert.match(outer.display, /cat < \(5 bytes\)/);
    assert.throws(() => sh`${inner}; ${inner}`, /two parts/);
    assert.throws(() => withInput(inner, "again"), /input already/);
  });

  it("script stops at the first failure", () => {
    const command = script([sh`echo one`, sh`false`, sh`echo two`]);
    assert.throws(
      () => runBy("/bin/sh", command),
      (error: unknown) => error instanceof Error && "stdout" in error && error.stdout === "one\n",
    );
  });

  it("raw text goes in as it stands, a command as one word for sh -c", () => {
    assert.equal(sh`echo ${raw("$HOME")}`.script, "echo $HOME");
    assert.equal(runBy("/bin/sh", sh`sh -c ${asWord(sh`printf %s ${"it's"}`)}`), "it's");
  });
});

describe("secrets", () => {
  it("a secret cannot be part of a script", () => {
    // @ts-expect-error by type, and at run time
    assert.throws(() => sh`echo ${secret("hunter2")}`, /standard input/);
  });

  it("a secret goes in by standard input and is shown nowhere", () => {
    const hidden = secret("hunter2");
    const command = withStdin(sh`cat`, hidden);
    assert.equal(runBy("/bin/sh", command), "hunter2");
    const shown = [
      command.script,
      command.display,
      [hidden].join(""),
      JSON.stringify({ hidden }),
      inspect({ hidden }, { showHidden: true }),
    ];
    for (const text of shown) {
      assert.ok(!text.includes("hunter2"), text);
    }
  });
});
