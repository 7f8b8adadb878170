import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runSteps } from "../../../src/apply/run-steps.ts";
import type { ApplyEvent } from "../../../src/apply/events.ts";
import { HostUnreachableError } from "../../../src/errors.ts";
import type { Step } from "../../../src/plan/plan.ts";
import type { RunOptions, RunResult } from "../../../src/shell/shell.ts";

const STEP: Step = {
  id: "a/HostBaseline/base/firewall",
  resource: "HostBaseline/base",
  host: "a",
  stage: "services",
  impact: "none",
  because: "it is not loaded",
  change: { kind: "load-firewall", content: "table", digest: "0".repeat(64), isFirst: true },
};

/** Takes the step on a host that answers so, one after the other; says what was asked, and what came of it. */
async function take(answers: readonly (RunResult | Error)[]) {
  const asked: RunOptions[] = [];
  const events: ApplyEvent[] = [];
  let clock = 0;
  const shell = {
    host: "a",
    run: async (_: unknown, options: RunOptions): Promise<RunResult> => {
      const answer = answers[asked.push(options) - 1];
      clock += 25_000;
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error("not asked that often");
      return answer;
    },
  };
  const hands = {
    shellFor: () => shell,
    materialFor: () => ({}) as never,
    owner: "test",
    signal: new AbortController().signal,
    now: () => clock,
    record: async () => undefined,
    onEvent: (event: ApplyEvent) => void events.push(event),
  };
  const failures: string[] = [];
  await runSteps([STEP], shell, hands as never, {
    stopping: new AbortController().signal,
    fail: (_, { said }) => failures.push(said),
  });
  return { fresh: asked.map(({ fresh }) => fresh === true), kinds: events.map(({ kind }) => kind), failures };
}

const well: RunResult = { exitCode: 0, stdout: "", stderr: "" };
const taken: RunResult = { exitCode: 1, stdout: "", stderr: "the host has taken the new rules back" };
const away = new HostUnreachableError("a", "no answer");

describe("a step that may keep pgha out", () => {
  it("is over when it was confirmed over a new connection", async () => {
    assert.deepEqual(await take([well, well]), {
      fresh: [false, true],
      kinds: ["step-started", "step-done"],
      failures: [],
    });
  });

  it("has failed when the host took it back, and is asked after until that is known", async () => {
    const { fresh, kinds, failures } = await take([well, away, taken]);
    assert.deepEqual(
      [fresh, kinds],
      [
        [false, true, true],
        ["step-started", "step-failed"],
      ],
    );
    assert.match(failures[0] ?? "", /taken the new rules back/);
  });

  it("has failed when nothing is heard of the host any more", async () => {
    const { kinds, failures } = await take([well, away, away, away, away]);
    assert.deepEqual(kinds, ["step-started", "step-failed"]);
    assert.match(failures[0] ?? "", /no answer/);
  });

  it("is not confirmed when it failed", async () => {
    assert.deepEqual((await take([taken])).fresh, [false]);
  });
});
