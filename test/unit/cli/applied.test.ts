import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { EXAMPLE, NOTHING } from "../plan/example-plan.ts";
import { pgha } from "./fake-environment.ts";
import { fakeEngine } from "./fake-services.ts";
import type { FakeEngine } from "./fake-services.ts";
import { manifestFolder } from "./manifest-folder.ts";

const CHANGES = { ...EXAMPLE, waits: [], blockers: [], warnings: [] };
const versionIn = async ({ store }: FakeEngine): Promise<unknown> => {
  const { applied } = await store.readRecord("PostgresHACluster", "main");
  return (applied?.["postgresql"] as { readonly version?: number } | undefined)?.version;
};

function edit(workingDirectory: string, change: (text: string) => string): void {
  const path = join(workingDirectory, "pgha.yaml");
  writeFileSync(path, change(readFileSync(path, "utf8")));
}

async function apply(context: TestContext, engine: FakeEngine, facts: object = {}) {
  const workingDirectory = manifestFolder(context);
  await engine.store.writeRecord("PostgresHACluster", "main", { hosts: {}, ...facts });
  const run = async () => pgha(["apply", "--yes"], { workingDirectory, services: engine.services });
  return { run, workingDirectory };
}

test(
  "what was approved is written down before it is done, and may be put right until the cluster " + "is there",
  async (context) => {
    const engine = fakeEngine({
      plan: CHANGES,
      apply: async () => {
        assert.ok([16, 17].includes(Number(await versionIn(engine))));
        return { kind: "interrupted" };
      },
    });
    const { run, workingDirectory } = await apply(context, engine);
    await run();
    assert.equal(await versionIn(engine), 17);
    edit(workingDirectory, (text) => text.replace('"version":17', '"version":16'));
    await run();
    assert.equal(await versionIn(engine), 16);
    const recorded = await engine.store.readRecord("PostgresHACluster", "main");
    const bootstrapIntent = { startedAt: "2026-01-01T00:00:00Z", members: ["db-1"] };
    await engine.store.writeRecord("PostgresHACluster", "main", { ...recorded, bootstrapIntent });
    edit(workingDirectory, (text) => text.replace('"version":16', '"version":17'));
    assert.match((await run()).stderr, /postgresql\.version can't be changed/);
    assert.equal(await versionIn(engine), 16);
  },
);

test("what is blocked is not written down", async (context) => {
  const blockers = EXAMPLE.blockers.slice(0, 1).map((blocker) => ({ ...blocker, scope: "everything" as const }));
  assert.equal(blockers.length, 1);
  const engine = fakeEngine({ plan: { ...CHANGES, blockers }, apply: async () => ({ kind: "interrupted" }) });
  await (await apply(context, engine)).run();
  assert.equal(await versionIn(engine), undefined);
});

test("of a cluster that is older than the record, only what is in force is written down", async (context) => {
  const engine = fakeEngine({ plan: CHANGES, apply: async () => ({ kind: "interrupted" }) });
  const { run } = await apply(context, engine, { systemId: "7400000000000000001" });
  await run();
  assert.equal(await versionIn(engine), undefined);
  const converged = fakeEngine({ plan: NOTHING });
  await (await apply(context, converged, { systemId: "7400000000000000001" })).run();
  assert.equal(await versionIn(converged), 17);
});
