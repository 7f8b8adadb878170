import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { Claims } from "../../chaos/claims.ts";
import { falsehoods } from "../../chaos/truth.ts";
import type { Samples } from "../../chaos/truth.ts";

const HOSTS = [{ name: "db-1" }, { name: "db-2" }, { name: "db-3" }];

function cluster(
  isReady: boolean,
  { generation = 1, observed = generation, size = 4 }: Readonly<Record<string, number>> = {},
): StoredResource {
  return {
    kind: "PostgresHACluster",
    metadata: { name: "pg", generation },
    spec: { hosts: HOSTS, postgresql: { parameters: { work_mem: `${size}MB` } } },
    status: {
      observedGeneration: observed,
      conditions: [{ type: "Ready", status: isReady ? "True" : "False" }],
    },
  } as unknown as StoredResource;
}

const MEMBER = { active: "active", edited_patroni: "0", rest: "{}", recovery: "t", receives: "streaming", system: "1" };
const FACTS = { ...MEMBER, work_mem: "4MB" };
const WELL = samples({});
const away = (host: string) => samples({ [host]: undefined });

/** The first leads, and all is well but for these. */
function samples(but: Readonly<Record<string, Readonly<Record<string, string>> | undefined>>): Samples {
  const all = HOSTS.map(({ name }) => [name, { ...FACTS, ...(name === "db-1" ? { recovery: "f" } : {}) }] as const);
  return new Map<string, Readonly<Record<string, string>> | undefined>([...all, ...Object.entries(but)]);
}

test("what is as declared is no lie, and what is not is told in words", () => {
  const { spec } = cluster(true) as { readonly spec: Parameters<typeof falsehoods>[1] };
  assert.deepEqual(falsehoods("PostgresHACluster", spec, WELL), []);
  assert.deepEqual(falsehoods("PostgresHACluster", spec, away("db-2")), ["db-2 does not answer"]);
  assert.deepEqual(falsehoods("PostgresHACluster", spec, away("db-1")), ["db-1 does not answer", "0 lead"]);
  const two = samples({ "db-2": { ...FACTS, recovery: "f", system: "2", work_mem: "5MB" } });
  assert.deepEqual(falsehoods("PostgresHACluster", spec, two), ["db-2: work_mem is not 4MB", "2 lead"]);
});

test("a Ready that outlives the truth counts from when both are so, and from when pgha runs", () => {
  const claims = new Claims();
  claims.works(0);
  claims.heard(cluster(true), 0);
  claims.look(WELL, 5_000);
  assert.deepEqual(claims.lies(), []);
  claims.look(away("db-2"), 10_000);
  claims.look(away("db-2"), 14_000);
  claims.heard(cluster(false), 15_000);
  claims.look(away("db-2"), 90_000);
  assert.deepEqual(
    claims.lies().map(({ what, seconds }) => [what, seconds]),
    [["db-2 does not answer", 4]],
  );
  claims.heard(cluster(true), 100_000);
  claims.look(away("db-3"), 101_000);
  claims.works(undefined);
  claims.look(away("db-3"), 150_000);
  claims.works(160_000);
  claims.look(away("db-3"), 162_000);
  assert.equal(claims.lies().find(({ what }) => what.startsWith("db-3"))?.seconds, 2);
});

test("a Ready is about the spec that was observed, not about the one that came since", () => {
  const claims = new Claims();
  claims.works(0);
  claims.heard(cluster(true), 0);
  claims.heard(cluster(true, { generation: 2, observed: 1, size: 5 }), 1_000);
  claims.look(WELL, 1_000);
  claims.look(WELL, 9_000);
  assert.deepEqual(claims.lies(), []);
  claims.heard(cluster(true, { generation: 2, size: 5 }), 10_000);
  claims.look(WELL, 10_000);
  claims.look(WELL, 12_000);
  assert.deepEqual(
    claims.lies().map(({ what, seconds }) => [what, seconds]),
    HOSTS.map(({ name }) => [`${name}: work_mem is not 5MB`, 2]),
  );
});
