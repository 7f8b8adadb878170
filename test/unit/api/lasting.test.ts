import assert from "node:assert/strict";
import { test } from "node:test";
import { brokenLasting, lastingOf, validateUpdate } from "../../../src/api/index.ts";
import { customResourceDefinition } from "../../../src/api/crd.ts";
import { celMessage } from "../../../src/api/rule.ts";
import { judge } from "./stack.ts";
import type { Stack } from "./stack.ts";

const sound = judge().resources;

test("what can't be changed later is all that is kept of a spec", () => {
  assert.deepEqual(sound.map(lastingOf), [
    {
      postgresql: { version: 17, port: 5432, dataVolume: { mountPath: "/srv/postgres" } },
      patroni: { dcs: { raft: { port: 7000 } } },
    },
    { clusterRef: { name: "main" } },
    { clusterRef: { name: "main" } },
  ]);
});

const CHANGES: Readonly<Record<string, readonly [number, (stack: Stack) => void]>> = {
  "spec.postgresql.version": [0, ({ cluster }) => (cluster.spec.postgresql.version = 16)],
  "spec.postgresql.port": [0, ({ cluster }) => (cluster.spec.postgresql.port = 5434)],
  "spec.postgresql.dataVolume.mountPath": [
    0,
    ({ cluster }) => (cluster.spec.postgresql.dataVolume.mountPath = "/data"),
  ],
  "spec.postgresql.dataDirectory": [0, ({ cluster }) => (cluster.spec.postgresql.dataDirectory = "/srv/postgres/x")],
  "spec.patroni.scope": [0, ({ cluster }) => (cluster.spec.patroni = { scope: "x" })],
  "spec.patroni.dcs.raft.port": [0, ({ cluster }) => (cluster.spec.patroni = { dcs: { raft: { port: 7001 } } })],
  "spec.clusterRef.name": [1, ({ haproxy }) => (haproxy.spec.clusterRef.name = "x")],
};

for (const [path, [index, spoil]] of Object.entries(CHANGES))
  test(`${path} is refused against what was applied, as the API server refuses it, and back again as well`, () => {
    const before = sound[index] ?? assert.fail();
    const after = judge(spoil).resources[index] ?? assert.fail();
    const found = brokenLasting(lastingOf(before), after);
    assert.deepEqual(
      found.map((problem) => problem.path),
      [path],
    );
    assert.deepEqual(found, validateUpdate(before, after));
    const back = brokenLasting(lastingOf(after), before);
    assert.deepEqual(
      back.map((problem) => problem.path),
      [path],
    );
    const crd = JSON.stringify(customResourceDefinition(before.kind));
    const { message, wayOut = "" } = found[0] ?? { message: "" };
    assert.ok(crd.includes(celMessage({ message, wayOut } as Parameters<typeof celMessage>[0])), "in CEL's words");
    assert.deepEqual(brokenLasting(lastingOf(after), after), []);
  });

test("each rule of the API server about a change is one of these, or is about the address of a host", () => {
  const rules = (["PostgresHACluster", "HAProxyPool", "PgBouncerPool"] as const).map(
    (kind) => JSON.stringify(customResourceDefinition(kind)).match(/"rule":"[^"]*oldSelf/g)?.length,
  );
  assert.deepEqual(rules, [7, 2, 2], "a new one needs a line among the changes above");
});
