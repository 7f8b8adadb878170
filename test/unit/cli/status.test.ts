import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { load, loadAll } from "js-yaml";
import type { StatusDocument } from "../../../src/status/format-json.ts";
import type { ResourceStatus } from "../../../src/status/status.ts";
import { pgha } from "./fake-environment.ts";
import { fakeEngine } from "./fake-services.ts";
import { manifestFolder } from "./manifest-folder.ts";

const status = (ready: boolean): ReadonlyMap<string, ResourceStatus> =>
  new Map([
    [
      "PostgresHACluster/main",
      {
        observedGeneration: 0,
        phase: ready ? "Ready" : "Degraded",
        message: "",
        conditions: [
          { type: "Ready", status: ready ? "True" : "False", reason: "Waiting", message: "m", observedGeneration: 0 },
        ],
        endpoints: [{ purpose: "pooled", address: "10.0.0.11", port: 6432 }],
        hosts: [],
        plan: [],
      },
    ],
  ]);

const engine = (ready: boolean) => fakeEngine({ statuses: status(ready) });

test("the exit code tells Ready from not Ready", async (context) => {
  const workingDirectory = manifestFolder(context);
  assert.equal((await pgha(["status"], { workingDirectory, services: engine(true).services })).code, 0);
  assert.equal((await pgha(["status"], { workingDirectory, services: engine(false).services })).code, 2);
});

test(
  "conditions that are well are shown with --all, and passwords are pointed at where there " + "are some",
  async (context) => {
    const workingDirectory = manifestFolder(context);
    mkdirSync(join(workingDirectory, ".pgha", "secrets"), { recursive: true });
    const { services } = engine(true);
    assert.doesNotMatch((await pgha(["status"], { workingDirectory, services })).stdout, /✓ Ready/);
    const { stdout } = await pgha(["status", "--all"], { workingDirectory, services });
    assert.match(stdout, /✓ Ready {2}m \[Waiting\]/);
    assert.match(stdout, /logins and passwords: \.pgha\/secrets\n$/);
  },
);

test("JSON and YAML say the same", async (context) => {
  const workingDirectory = manifestFolder(context);
  const { services } = engine(false);
  const json = JSON.parse(
    (await pgha(["status", "-o", "json"], { workingDirectory, services })).stdout,
  ) as StatusDocument;
  assert.equal(json.ready, false);
  assert.deepEqual(load((await pgha(["status", "-o", "yaml"], { workingDirectory, services })).stdout), json);
});

/** Watches until it has looked twice, then presses Ctrl-C. */
async function watched(context: Parameters<typeof manifestFolder>[0], words: readonly string[], terminal: boolean) {
  const signals = new EventEmitter();
  const { services, calls } = engine(true);
  const running = pgha(["status", "--watch", "0.5", ...words], {
    workingDirectory: manifestFolder(context),
    terminal,
    signals,
    variables: { NO_COLOR: "1" },
    services,
  });
  while (calls.filter((call) => call === "look").length < 2) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  signals.emit("SIGINT");
  return running;
}

test("--watch looks again until Ctrl-C, over one world, drawing over on a terminal", async (context) => {
  const { code, stdout } = await watched(context, [], true);
  assert.equal(code, 0);
  assert.ok(stdout.split("\u001B[H").length >= 3);
  assert.ok(stdout.includes("Ready\u001B[K\n"));
  assert.match(stdout, /Ctrl-C ends this/);
});

test("--watch gives programs one document a look", async (context) => {
  const json = await watched(context, ["-o", "json"], false);
  assert.ok(
    json.stdout
      .trimEnd()
      .split("\n")
      .every((line) => (JSON.parse(line) as StatusDocument).ready),
  );
  const yaml = await watched(context, ["-o", "yaml"], false);
  assert.ok(loadAll(yaml.stdout).length >= 1);
});

test("a pause that is none is refused", async () => {
  assert.match((await pgha(["status", "--watch", "soon"])).stderr, /Give a number of seconds, 0\.5 or more\./);
});
