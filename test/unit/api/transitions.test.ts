import assert from "node:assert/strict";
import { test } from "node:test";
import { validateUpdate } from "../../../src/api/validate.ts";
import { judge, places, type Stack } from "./stack.ts";

function change(index: number, spoil: (stack: Stack) => void): readonly string[] {
  const before = judge().resources[index] ?? assert.fail();
  const after = judge(spoil).resources[index] ?? assert.fail();
  return places(validateUpdate(before, after));
}

const cases: readonly {
  readonly what: string;
  readonly index: number;
  readonly spoil: (stack: Stack) => void;
  readonly path: string;
}[] = [
  {
    what: "the address of a host",
    index: 0,
    spoil: ({ cluster }) => Object.assign(cluster.spec.hosts[1] ?? {}, { address: "10.0.0.99" }),
    path: "PostgresHACluster/main spec.hosts[1].address",
  },
  {
    what: "the mount path",
    index: 0,
    spoil: ({ cluster }) => (cluster.spec.postgresql.dataVolume.mountPath = "/data"),
    path: "PostgresHACluster/main spec.postgresql.dataVolume.mountPath",
  },
  {
    what: "the data directory",
    index: 0,
    spoil: ({ cluster }) => (cluster.spec.postgresql.dataDirectory = "/srv/postgres/x"),
    path: "PostgresHACluster/main spec.postgresql.dataDirectory",
  },
  {
    what: "the scope",
    index: 0,
    spoil: ({ cluster }) => (cluster.spec.patroni = { scope: "x" }),
    path: "PostgresHACluster/main spec.patroni.scope",
  },
  {
    what: "the port of RAFT",
    index: 0,
    spoil: ({ cluster }) => (cluster.spec.patroni = { dcs: { raft: { port: 7001 } } }),
    path: "PostgresHACluster/main spec.patroni.dcs.raft.port",
  },
  {
    what: "the major version",
    index: 0,
    spoil: ({ cluster }) => (cluster.spec.postgresql.version = 18),
    path: "PostgresHACluster/main spec.postgresql.version",
  },
  {
    what: "the cluster of a pool",
    index: 1,
    spoil: (stack) => (stack.haproxy.spec.clusterRef.name = "x"),
    path: "HAProxyPool/proxy spec.clusterRef.name",
  },
];

for (const { what, index, spoil, path } of cases) {
  test(`${what} can't be changed`, () => assert.deepEqual(change(index, spoil), [path]));
}

test("hosts may be put in another order, added and removed", () => {
  assert.deepEqual(
    change(0, ({ cluster }) => cluster.spec.hosts.reverse()),
    [],
  );
  assert.deepEqual(
    change(0, ({ cluster }) => {
      cluster.spec.hosts.splice(1, 2);
      cluster.spec.allowSingleMember = true;
    }),
    [],
  );
});

test("ordinary settings may be changed", () => {
  assert.deepEqual(
    change(0, ({ cluster }) => (cluster.spec.postgresql.parameters = { work_mem: "8MB" })),
    [],
  );
});
