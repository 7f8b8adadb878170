import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { PlanDocument } from "../../../src/plan/format-json.ts";
import { HostUnreachableError } from "../../../src/errors.ts";
import type { RemoteShell } from "../../../src/shell/shell.ts";
import { CONFIG_BEFORE, EXAMPLE, NOTHING } from "../plan/example-plan.ts";
import { pgha } from "./fake-environment.ts";
import { fakeEngine } from "./fake-services.ts";
import { manifestFolder } from "./manifest-folder.ts";

const CHANGES = { ...EXAMPLE, blockers: [] };

test(
  "the exit code tells nothing to do from changes from blocked, and only waiting from " + "nothing to do",
  async (context) => {
    const workingDirectory = manifestFolder(context);
    const code = async (plan: typeof EXAMPLE): Promise<number> =>
      (await pgha(["plan"], { workingDirectory, services: fakeEngine({ plan }).services })).code;
    assert.equal(await code(NOTHING), 0);
    assert.equal(await code({ ...NOTHING, warnings: EXAMPLE.warnings }), 0);
    assert.equal(await code(CHANGES), 2);
    assert.equal(await code({ ...NOTHING, waits: EXAMPLE.waits }), 2);
    assert.equal(await code(EXAMPLE), 1);
  },
);

test(
  "a plan looks once, under its own name, with the state beside the manifest, and closes what " + "it opened",
  async (context) => {
    const folder = manifestFolder(context);
    const { services, calls } = fakeEngine();
    await pgha(["plan", "-f", join(folder, "pgha.yaml")], { services });
    assert.deepEqual(calls, [`open pgha plan ${join(folder, ".pgha")}`, "look", "close"]);
  },
);

test("the state folder is the one that is asked for, and a folder of manifests holds its own", async (context) => {
  const folder = manifestFolder(context);
  const { services, calls } = fakeEngine();
  await pgha(["plan", "-f", folder, "--state", "elsewhere"], { services, workingDirectory: "/tmp" });
  await pgha(["plan", "-f", folder], { services, workingDirectory: "/tmp" });
  assert.deepEqual(
    calls.filter((call) => call.startsWith("open")),
    ["open pgha plan /tmp/elsewhere", `open pgha plan ${folder}/.pgha`],
  );
});

/** A proxy that has the configuration of before, and says which files it was asked for. */
const proxy = (asked: string[]): RemoteShell => ({
  host: "proxy-1",
  run: async ({ script }) => {
    asked.push(script);
    return { exitCode: 0, stdout: `${Buffer.from(CONFIG_BEFORE).toString("base64")}\n`, stderr: "" };
  },
});

test("a changed file is shown as a diff against what the host has, asked for in one command", async (context) => {
  const asked: string[] = [];
  const { stdout } = await pgha(["plan"], {
    workingDirectory: manifestFolder(context),
    services: fakeEngine({ plan: CHANGES, shell: proxy(asked) }).services,
  });
  assert.match(stdout, /\n {6}- {2}maxconn 1000\n {6}\+ {2}maxconn 2000\n/);
  assert.equal(asked.length, 1);
  assert.match(asked[0] ?? "", /haproxy\.cfg/);
  assert.doesNotMatch(asked[0] ?? "", /patroni/);
});

test("with --no-diff no file is asked for or shown", async (context) => {
  const asked: string[] = [];
  const { stdout } = await pgha(["plan", "--no-diff"], {
    workingDirectory: manifestFolder(context),
    services: fakeEngine({ plan: CHANGES, shell: proxy(asked) }).services,
  });
  assert.deepEqual(asked, []);
  assert.doesNotMatch(stdout, /maxconn|new file/);
});

test("a host that went away meanwhile costs the diff, not the plan", async (context) => {
  const shell: RemoteShell = {
    host: "proxy-1",
    run: async () => Promise.reject(new HostUnreachableError("proxy-1", "gone")),
  };
  const { code, stdout } = await pgha(["plan"], {
    workingDirectory: manifestFolder(context),
    services: fakeEngine({ plan: CHANGES, shell }).services,
  });
  assert.equal(code, 2);
  assert.match(stdout, /could not be read for a diff/);
});

test("the JSON plan is all that is on standard output", async (context) => {
  const { code, stdout } = await pgha(["plan", "-o", "json"], {
    workingDirectory: manifestFolder(context),
    terminal: true,
    services: fakeEngine({ plan: EXAMPLE }).services,
  });
  assert.equal(code, 1);
  const document = JSON.parse(stdout) as PlanDocument;
  assert.equal(document.kind, "Plan");
  assert.equal(document.steps.length, EXAMPLE.steps.length);
});
