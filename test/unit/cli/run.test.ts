import assert from "node:assert/strict";
import { test } from "node:test";
import { HostKeyError, PghaError } from "../../../src/errors.ts";
import type { Services } from "../../../src/cli/services.ts";
import { NO_SERVICES, pgha } from "./fake-environment.ts";
import { fakeEngine } from "./fake-services.ts";
import { emptyFolder, manifestFolder } from "./manifest-folder.ts";

const COMMANDS = ["import", "validate", "plan", "apply", "status", "approve", "version", "completion"];

for (const command of COMMANDS) {
  test(`pgha ${command} --help says what it is for and shows examples`, async () => {
    const { code, stdout, stderr } = await pgha([command, "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, new RegExp(`^Usage: pgha ${command} .*\\n\\n[A-Z]`));
    assert.match(stdout, /\nExamples:\n {2}(?:source <\()?pgha /);
    assert.ok(
      stdout.split("\n").every((line) => line.length <= 120),
      "no line is wider than 120 columns",
    );
  });
}

test("help lists every command, in groups", async () => {
  const { code, stdout } = await pgha(["--help"]);
  assert.equal(code, 0);
  const group =
    /\nFrom hosts to a cluster:\n([\s\S]*?)\n\nIn Kubernetes:\n([\s\S]*?)\n\nAbout pgha:\n([\s\S]*?)\n\nExamples:/.exec(
      stdout,
    );
  const names = (text = "") => text.split("\n").map((line) => line.trim().split(" ")[0]);
  assert.deepEqual(
    [names(group?.[1]), names(group?.[2]), names(group?.[3])],
    [
      ["import", "validate", "plan", "apply", "status", "restart", "switchover", "approve", "forget", "delete"],
      ["operator"],
      ["version", "completion", "help"],
    ],
  );
});

test("without a command the help is shown, and that is no success", async () => {
  const { code, stdout, stderr } = await pgha([]);
  assert.equal(code, 1);
  assert.match(stdout + stderr, /^Usage: pgha/);
});

test("a mistyped command or option is refused with what was meant", async () => {
  assert.deepEqual(await pgha(["aply"]), {
    code: 1,
    stdout: "",
    stderr: "error: unknown command 'aply'\n(Did you mean apply?)\n",
  });
  assert.deepEqual(await pgha(["apply", "--timing"]), {
    code: 1,
    stdout: "",
    stderr: "error: unknown option '--timing'\n(Did you mean --timings?)\n",
  });
  const { code, stderr } = await pgha(["plan", "-o", "xml"]);
  assert.equal(code, 1);
  assert.match(stderr, /argument 'xml' is invalid\. Allowed choices are text, json\./);
});

test("the version is told in words and as JSON", async () => {
  assert.match((await pgha(["--version"])).stdout, /^pgha \d+\.\d+\.\d+\n$/);
  assert.match((await pgha(["version"])).stdout, /^pgha \d+\.\d+\.\d+ \(commit .+; Node 2\d\..+\)\n$/);
  const document = JSON.parse((await pgha(["version", "-o", "json"])).stdout) as Record<string, string>;
  assert.deepEqual(Object.keys(document), ["version", "commit", "node", "platform"]);
});

test("without a manifest the way to one is shown", async (context) => {
  const { code, stdout, stderr } = await pgha(["plan"], { workingDirectory: emptyFolder(context) });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.equal(
    stderr,
    "error: no manifest given, and there is no pgha.yaml here\n  way out: name one with -f FILE, or make " +
      "one from your inventory with pgha import -o pgha.yaml\n",
  );
});

const failing = (error: unknown): Services => ({
  ...NO_SERVICES,
  openWorld: async () => Promise.reject(error as Error),
});

test("an error that pgha knows is told with its way out and without a stack", async (context) => {
  const error = new HostKeyError("db-1", "db-1 (10.0.0.120:22) showed another key\u001B[2J", {
    reason: "HostKeyChanged",
    wayOut: "compare the fingerprints",
  });
  const { code, stderr } = await pgha(["plan"], {
    workingDirectory: manifestFolder(context),
    services: failing(error),
  });
  assert.equal(code, 1);
  assert.equal(stderr, "error: db-1 (10.0.0.120:22) showed another key\\x1b[2J\n  way out: compare the fingerprints\n");
});

test("an error that nobody expected is told in one line, and --debug shows where it comes from", async (context) => {
  const workingDirectory = manifestFolder(context);
  const services = failing(new TypeError("x is not a function", { cause: new Error("deeper") }));
  const plain = await pgha(["plan"], { workingDirectory, services });
  assert.equal(
    plain.stderr,
    "error: x is not a function\n  pgha did not expect this. Run it again with --debug to see where it " +
      "comes from, and please report that.\n",
  );
  for (const debugged of [
    await pgha(["plan", "--debug"], { workingDirectory, services }),
    await pgha(["plan"], { workingDirectory, services, variables: { PGHA_DEBUG: "1" } }),
  ]) {
    assert.match(
      debugged.stderr,
      /error: x is not a function\n\nTypeError: x is not a function\n {4}at [\s\S]*caused by: Error: deeper\n {4}at /,
    );
  }
});

test("with --log json an error is one JSON object on standard error", async (context) => {
  const error = new PghaError("it is so", { reason: "Unexpected", retry: "never", wayOut: "try otherwise" });
  const { code, stderr } = await pgha(["--log", "json", "plan"], {
    workingDirectory: manifestFolder(context),
    services: failing(error),
  });
  assert.equal(code, 1);
  const { time, ...rest } = JSON.parse(stderr) as Record<string, unknown>;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(rest, {
    level: "error",
    message: "it is so",
    event: "error",
    reason: "Unexpected",
    wayOut: "try otherwise",
  });
});

test("with --log json every remark is a JSON object, too", async (context) => {
  const { stderr } = await pgha(["import", "nowhere.tsv", "--log", "json"], { workingDirectory: emptyFolder(context) });
  const lines = stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map((line) => line["level"]),
    ["error"],
  );
  const folder = manifestFolder(context);
  const { stderr: remarks } = await pgha(["apply", "--yes", "--log", "json"], {
    workingDirectory: folder,
    services: fakeEngine({ apply: async () => ({ kind: "interrupted" }) }).services,
  });
  assert.equal(
    (JSON.parse(remarks.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>)["message"],
    "Stopped between steps. What is done stays done: run pgha apply again to go on.",
  );
});

test("colour is for terminals, unless somebody says otherwise", async (context) => {
  const workingDirectory = manifestFolder(context);
  const coloured = async (terminal: boolean, variables: Record<string, string>, words: readonly string[] = []) =>
    (
      await pgha(["plan", ...words], { workingDirectory, terminal, variables, services: fakeEngine().services })
    ).stdout.includes("\u001B[32m");
  assert.equal(await coloured(true, {}), true);
  assert.equal(await coloured(false, {}), false);
  assert.equal(await coloured(false, { FORCE_COLOR: "1" }), true);
  assert.equal(await coloured(true, { NO_COLOR: "1" }), false);
  assert.equal(await coloured(true, { NO_COLOR: "" }), true);
  assert.equal(await coloured(true, { TERM: "dumb" }), false);
  assert.equal(await coloured(true, {}, ["--no-color"]), false);
});
