import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { batch } from "../../../src/facts/batch.ts";
import type { Fact, FactOutput, FactSet } from "../../../src/facts/fact.ts";
import { BatchError, splitBatch } from "../../../src/facts/split-batch.ts";
import { sh, withInput, withStdin } from "../../../src/shell/command.ts";
import type { Command } from "../../../src/shell/command.ts";
import { anyCharacter } from "../../properties/any-character.ts";
import { localShell } from "./local-shell.ts";

const nonce = "8c2f5f0e-5b8c-4a55-9a53-1f6a3a1f2a77";
const shell = localShell();
after(() => shell.remove());

function whole(command: Command): Fact<FactOutput> {
  return { command, parse: ({ exitCode, stdout }) => ({ exitCode, stdout }) };
}

async function ask<S extends FactSet>(set: S, seconds?: number): Promise<ReturnType<typeof splitBatch<S>>> {
  const { stdout, exitCode } = await shell.run(batch(set, nonce, seconds), { deadlineMs: 20_000 });
  assert.equal(exitCode, 0);
  return splitBatch(stdout, set, nonce);
}

describe("a batch", () => {
  it("brings each answer back under its own name, with its own exit code", async () => {
    const answers = await ask({
      a: whole(sh`echo one; exit 3`),
      b: whole(sh`printf two`),
      c: whole(sh`true`),
      d: whole(sh`nonesuch-program`),
    });
    assert.deepEqual(answers, {
      a: { exitCode: 3, stdout: "one\n" },
      b: { exitCode: 0, stdout: "two" },
      c: { exitCode: 0, stdout: "" },
      d: { exitCode: 127, stdout: "" },
    });
  });

  it("answers 124 for what hangs, even what cannot be killed, and does not keep the rest waiting", async () => {
    const set = {
      hangs: whole(sh`echo before; sleep 30`),
      escapes: whole(sh`setsid -w sleep 30`),
      stubborn: whole(sh`trap '' TERM HUP INT; sleep 30`),
      quick: whole(sh`echo quick`),
    };
    const start = performance.now();
    const answers = await ask(set, 1);
    assert.ok(performance.now() - start < 15_000);
    assert.deepEqual(answers.hangs, { exitCode: 124, stdout: "" }, "half an answer is none");
    assert.deepEqual([answers.escapes.exitCode, answers.stubborn.exitCode], [124, 124]);
    assert.deepEqual(answers.quick, { exitCode: 0, stdout: "quick\n" });
  });

  it("puts the same question once, and the same script with other input again", async () => {
    const log = join(shell.runDirectory, "log");
    const question = sh`echo asked >> ${log}; cat`;
    const answers = await ask({
      a: whole(question),
      b: whole(question),
      c: whole(withInput(question, "x")),
      d: whole(withInput(question, "x")),
    });
    assert.deepEqual(
      Object.values(answers).map(({ stdout }) => stdout),
      ["", "", "x", "x"],
    );
    assert.equal(readFileSync(log, "utf8"), "asked\nasked\n");
  });

  it("does not leave the look lock to a process that escaped", async () => {
    await ask({ escapes: whole(sh`setsid -w sleep 3`) }, 1);
    const { exitCode } = await shell.run(sh`flock -n -x ${join(shell.runDirectory, "step.lock")} true`, {
      deadlineMs: 1_000,
    });
    assert.equal(exitCode, 0);
  });

  it("leaves nothing behind", async () => {
    await ask({ a: whole(sh`echo one`), b: whole(withInput(sh`cat`, "two")) });
    assert.deepEqual(
      readdirSync(shell.runDirectory).filter((name) => name.startsWith("look.")),
      [],
    );
  });

  it("refuses a nonce that would be shell syntax or easy to guess", () => {
    for (const bad of ["", "short", "a b c d e f g", "$(id)$(id)"]) {
      assert.throws(() => batch({}, bad), /nonce/);
    }
  });

  it("is one answer like any other when the set is empty", async () => {
    assert.deepEqual(await ask({}), {});
  });
});

describe("secrets of a batch", () => {
  it("are neither in the script, nor in what people see, nor in any process's arguments or environment", async () => {
    const password = "hunter2-hunter2-hunter2";
    const snoop = sh`for i in 1 2 3 4 5; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; sleep 0.05; done | tr '\0' '\n'`;
    const set = { login: whole(withStdin(sh`cat >/dev/null; sleep 0.3`, password)), snoop: whole(snoop) };
    const command = batch(set, nonce);
    const { stdout } = await shell.run(command, { deadlineMs: 20_000 });
    const seen = splitBatch(stdout, set, nonce).snoop.stdout;
    assert.match(seen, /^PATH=.*$/m, "the snoop saw the batch");
    for (const text of [command.script, command.display, seen]) {
      for (const hidden of [password, Buffer.from(password).toString("base64"), nonce]) {
        assert.ok(!text.includes(hidden), `${hidden} is visible`);
      }
    }
  });

  it("arrive byte for byte, whatever they are", async () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 5, maxLength: 15 }), async (inputs) => {
        const set = Object.fromEntries(
          inputs.map((input, index) => [
            `i${index}`,
            whole(withInput(sh`echo ${index}; base64 -w 0`, Buffer.from(input))),
          ]),
        );
        const answers = await ask(set);
        inputs.forEach((input, index) =>
          assert.equal(answers[`i${index}`]?.stdout, `${index}\n${Buffer.from(input).toString("base64")}`),
        );
      }),
      { numRuns: 8 },
    );
  });
});

describe("framing of a batch", () => {
  const text = fc
    .oneof(
      fc.string({ unit: anyCharacter, maxLength: 60 }),
      fc.string({
        unit: fc.constantFrom("\n", " ", "in", "out", "at", "0", "1", "124", nonce.slice(0, 30), "\r", "'", "\\", "$"),
        maxLength: 20,
      }),
    )
    .filter((candidate) => !candidate.includes("\0") && candidate.isWellFormed());

  it("gives hostile outputs back unchanged", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, fc.nat(99)), { minLength: 10, maxLength: 30 }), async (outputs) => {
        const set = Object.fromEntries(
          outputs.map(([output, code], index) => [`f${index}`, whole(sh`printf %s ${output}; exit ${code}`)]),
        );
        const answers = await ask(set);
        outputs.forEach(([stdout, exitCode], index) => assert.deepEqual(answers[`f${index}`], { exitCode, stdout }));
      }),
      { numRuns: 12 },
    );
  });

  it("never gives half an answer for a whole one, wherever the connection was cut", async () => {
    const set = { a: whole(sh`printf 'one\ntwo\n'`), b: whole(sh`echo three; exit 2`), c: whole(sh`true`) };
    const { stdout } = await shell.run(batch(set, nonce), { deadlineMs: 20_000 });
    const full = splitBatch(stdout, set, nonce);
    for (let cut = 0; cut < stdout.length; cut += 1) {
      try {
        const answers = splitBatch(stdout.slice(0, cut), set, nonce);
        for (const name of ["a", "b", "c"] as const) {
          assert.ok(
            answers[name].exitCode === 124 || JSON.stringify(answers[name]) === JSON.stringify(full[name]),
            `cut at ${cut}`,
          );
        }
      } catch (error) {
        assert.ok(error instanceof BatchError);
      }
    }
  });
});
