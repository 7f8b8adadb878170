import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import type { Outcome, StepFailure } from "../../../src/apply/events.ts";
import type { ResourceStatus } from "../../../src/status/status.ts";
import { EXAMPLE, NOTHING } from "../plan/example-plan.ts";
import { pgha } from "./fake-environment.ts";
import { fakeEngine } from "./fake-services.ts";
import type { Script } from "./fake-services.ts";
import { manifestFolder } from "./manifest-folder.ts";

const CHANGES = { ...EXAMPLE, waits: [], blockers: [], warnings: [] };
const STEP = EXAMPLE.steps[2]!;
const READY: ReadonlyMap<string, ResourceStatus> = new Map([
  [
    "PgBouncerPool/pooler",
    {
      observedGeneration: 0,
      phase: "Ready",
      message: "",
      conditions: [{ type: "Ready", status: "True", reason: "AsApplied", message: "", observedGeneration: 0 }],
      endpoints: [{ purpose: "pooled", address: "10.0.0.11", port: 6432 }],
      hosts: [],
      plan: [],
    },
  ],
]);

test("the plan is shown and asked about once; y goes on, anything else leaves everything alone", async (context) => {
  const workingDirectory = manifestFolder(context);
  for (const [typed, approved] of [
    ["y\n", true],
    ["YES\n", true],
    ["n\n", false],
    ["\n", false],
    ["yoghurt\n", false],
  ] as const) {
    const { services, calls } = fakeEngine({ plan: CHANGES, statuses: READY });
    const { code, stdout } = await pgha(["apply"], {
      workingDirectory,
      services,
      terminal: true,
      typed,
      variables: { NO_COLOR: "1" },
    });
    assert.equal(calls.includes("approved"), approved, typed);
    assert.equal(code, approved ? 0 : 1, typed);
    assert.equal(stdout.match(/Go on\? \[y\/N\] /g)?.length, 1, typed);
    assert.match(stdout, /Plan: 10 to do on 3 hosts/);
    assert.equal(stdout.endsWith("Nothing was changed.\n"), !approved, typed);
    assert.equal(calls.at(-1), "close", typed);
  }
});

test("without a terminal to ask on it refuses, unless --yes", async (context) => {
  const workingDirectory = manifestFolder(context);
  const refused = fakeEngine({ plan: CHANGES });
  const { code, stdout, stderr } = await pgha(["apply"], { workingDirectory, services: refused.services });
  assert.equal(code, 1);
  assert.match(stdout, /Plan: 10 to do/);
  assert.equal(
    stderr,
    "error: there is no terminal to ask on whether to go on; nothing was touched\n  way out: read the plan " +
      "above, then run pgha apply --yes\n",
  );
  assert.ok(!refused.calls.includes("approved"));
  const forced = fakeEngine({ plan: CHANGES });
  assert.equal((await pgha(["apply", "--yes"], { workingDirectory, services: forced.services })).code, 0);
  assert.ok(forced.calls.includes("approved"));
});

test("where there is nothing to do nobody is asked, and the endpoints are shown all the same", async (context) => {
  const { code, stdout } = await pgha(["apply"], {
    workingDirectory: manifestFolder(context),
    services: fakeEngine({ plan: NOTHING, statuses: READY }).services,
  });
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^✓ Nothing to do: all 5 hosts are as the manifest asks\n\n[\s\S]*everything \(pooled\) {2}10\.0\.0\.11:6432/,
  );
});

const applying = async (context: Parameters<typeof manifestFolder>[0], script: Script, words: readonly string[] = []) =>
  pgha(["apply", "--yes", ...words], {
    workingDirectory: manifestFolder(context),
    services: fakeEngine({ plan: CHANGES, statuses: READY, ...script }).services,
  });

const FAILURE: StepFailure = {
  host: "db-1",
  command: "apt-get install patroni\nsecond line",
  exitCode: 100,
  said: "E: Unable to locate package\u001B[2J",
  wayOut: "Mend it, then run again.",
};

test("a failure names host, step, what it said, the command and the way out", async (context) => {
  const { code, stdout, stderr } = await applying(context, {
    apply: async ({ onEvent }) => {
      onEvent({ kind: "wave-started", stage: "prepare", steps: [STEP] });
      onEvent({ kind: "step-started", step: STEP });
      onEvent({ kind: "step-failed", step: STEP, failure: FAILURE });
      return { kind: "failed", step: STEP, failure: FAILURE };
    },
  });
  assert.equal(code, 1);
  assert.match(stdout, /preparation: 1 step\n {2}✗ db-1: install patroni, postgresql-17\n$/);
  assert.equal(
    stderr,
    `\
error: db-1: install patroni, postgresql-17 failed with exit code 100
  it said
    E: Unable to locate package\\x1b[2J
  the command was
    apt-get install patroni
    second line
  way out: Mend it, then run again.
`,
  );
});

test("other ends have their words and exit codes, too", async (context) => {
  const wait = EXAMPLE.waits[0]!;
  const end = async (outcome: Outcome) => applying(context, { apply: async () => outcome });
  const deadline = await end({
    kind: "deadline",
    wait,
    waitedMs: 91_000,
    said: ["patroni.service said:", "  no space left"],
  });
  assert.deepEqual(
    [deadline.code, deadline.stderr],
    [
      1,
      "error: PostgresHACluster/pg: waited 91 s for a leader, in vain [NoLeader]\n    patroni.service " +
        "said:\n      no space left\n  way out: look at journalctl -u patroni\n",
    ],
  );
  const blocked = await end({ kind: "blocked", plan: EXAMPLE });
  assert.equal(blocked.code, 1);
  assert.match(
    blocked.stderr,
    /nothing is mounted at \/data \[VolumeMissing\][\s\S]*way out: mount the volume[\s\S]*error: blocked; run pgha apply again/,
  );
});

test("a plan that is blocked is not asked about: there is nothing to approve", async (context) => {
  const { services, calls } = fakeEngine({ plan: EXAMPLE, apply: async () => ({ kind: "blocked", plan: EXAMPLE }) });
  const { code, stderr } = await pgha(["apply"], { workingDirectory: manifestFolder(context), services });
  assert.equal(code, 1);
  assert.doesNotMatch(stderr, /no terminal/);
  assert.ok(calls.includes("approved"));
});

test("the first Ctrl-C lets the step in hand finish, and the second is no longer caught", async (context) => {
  const signals = new EventEmitter();
  const { services } = fakeEngine({
    plan: CHANGES,
    apply: async ({ signal }) => {
      assert.equal(signal.aborted, false);
      signals.emit("SIGINT");
      assert.equal(signal.aborted, true);
      assert.equal(signals.listenerCount("SIGINT"), 0, "a second one would kill");
      return { kind: "interrupted" };
    },
  });
  const { code, stdout, stderr } = await pgha(["apply", "--yes"], {
    workingDirectory: manifestFolder(context),
    services,
    signals,
  });
  assert.equal(code, 130);
  assert.match(stdout, /Finishing the steps in hand; Ctrl-C again stops at once\./);
  assert.match(stderr, /Stopped between steps\. What is done stays done/);
});

test("Ctrl-C at the question changes nothing and is no answer", async (context) => {
  const signals = new EventEmitter();
  const { services, calls } = fakeEngine({ plan: CHANGES });
  const running = pgha(["apply"], {
    workingDirectory: manifestFolder(context),
    services,
    signals,
    terminal: true,
    typed: "",
  });
  while (!calls.includes("converge")) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  signals.emit("SIGINT");
  assert.equal((await running).code, 130);
  assert.ok(!calls.includes("approved"));
});

test("no listener for signals is left behind", async (context) => {
  const signals = new EventEmitter();
  await pgha(["apply", "--yes"], {
    workingDirectory: manifestFolder(context),
    services: fakeEngine({ plan: CHANGES }).services,
    signals,
  });
  assert.deepEqual(signals.eventNames(), []);
});

test("with --log json each event is an object on standard error, without any file's content", async (context) => {
  const writeFile = EXAMPLE.steps.find((step) => step.change.kind === "write-file")!;
  const { stderr, stdout } = await applying(
    context,
    {
      apply: async ({ onEvent }) => {
        onEvent({ kind: "wave-started", stage: "prepare", steps: [writeFile] });
        onEvent({ kind: "step-started", step: writeFile });
        onEvent({ kind: "step-done", step: writeFile, tookMs: 12 });
        onEvent({ kind: "waiting", waits: EXAMPLE.waits, elapsedMs: 3 });
        onEvent({ kind: "step-failed", step: STEP, failure: FAILURE });
        return { kind: "converged" };
      },
    },
    ["--log", "json"],
  );
  const events = stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    events.map((event) => event["event"]),
    ["looked", "wave-started", "step-started", "step-done", "waiting", "step-failed", "ended"],
  );
  assert.equal(events.at(-1)?.["outcome"], "converged");
  assert.deepEqual([events[3]?.["host"], events[3]?.["tookMs"], events[3]?.["change"]], ["db-1", 12, "write-file"]);
  assert.equal(events[5]?.["level"], "error");
  assert.doesNotMatch(stderr, /hunter2/);
  assert.doesNotMatch(stdout, /waiting for/);
});

test("--timings says where the time went, at the end", async (context) => {
  const { stdout } = await applying(context, {}, ["--timings"]);
  assert.match(stdout, /\nWhere the time went\n[\s\S]* in all +\d+\.\d\d s\n$/);
});
