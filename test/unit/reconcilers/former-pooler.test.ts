import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PGBOUNCER } from "../../../src/desired/services.ts";
import { formerPooler } from "../../../src/plan/operations/switchover.ts";
import { formerOf } from "../../../src/reconcilers/pgbouncer-pool/former.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld, planOf } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

type Wanted = Parameters<typeof formerOf>[0];
type Facts = Parameters<typeof formerOf>[1];

const pristine = await convergedWorld();
const WANTED = {
  settings: { listen_port: "6432", so_reuseport: "1" },
  service: {},
  drainSeconds: 300,
  portsOfOthers: [5432],
};
const FACTS = {
  pgbouncer: { version: "1.24.1", config: { listen_port: "6432", so_reuseport: "1" } },
  units: { [PGBOUNCER.unit]: {} },
};
const of = (wanted: object = {}, facts: object = {}) =>
  formerOf({ ...WANTED, ...wanted } as unknown as Wanted, { ...FACTS, ...facts } as unknown as Facts);
const runs = (version: string, config: object = {}) => ({
  pgbouncer: { version, config: { ...FACTS.pgbouncer.config, ...config } },
});

describe("a pooler that has to restart", () => {
  it("keeps its clients: on the same port from 1.23 on, and where both may listen", () => {
    assert.deepEqual(of(), { seconds: 300, listens: false });
    assert.deepEqual(of({}, runs("1.23.0")), { seconds: 300, listens: false });
    assert.equal(of({}, runs("1.22.1")), undefined);
    assert.equal(of({}, runs("1.24.1", { so_reuseport: "0" })), undefined);
  });

  it("goes on listening where another port comes, whatever its version, unless something else is to have that", () => {
    const moved = { settings: { listen_port: "6433", so_reuseport: "1" } };
    assert.deepEqual(of(moved, runs("1.18.0", { so_reuseport: "0" })), { seconds: 300, listens: true });
    assert.equal(of({ ...moved, portsOfOthers: [6432] }), undefined);
  });

  it("does not without the time, in containers, and where its console does not answer", () => {
    assert.equal(of({ drainSeconds: 0 }), undefined);
    assert.equal(of({ service: { image: "sha256:0" } }), undefined);
    assert.equal(of({}, { units: { [PGBOUNCER.unit]: { image: "sha256:0" } } }), undefined);
    assert.equal(of({}, { pgbouncer: undefined }), undefined);
  });

  it("waits while the one before serves, and says until when; nothing else does", async () => {
    const model = await worldWithPool({ parameters: { pkt_buf: 8192 } });
    for (const name of ["proxy-01", "proxy-02"]) {
      model.host(name).fixedSettings = [...model.host(name).fixedSettings, "pkt_buf"];
      model.host(name).former = { port: 6433, listens: true, seconds: 300, until: 1_800_000_000_000 };
    }
    const { plan, statuses } = await passOver(model.stack, model.world, model.looks());
    assert.deepEqual(
      plan.steps.map(({ host, change }) => `${host} ${change.kind}`),
      ["proxy-01 write-file", "proxy-02 write-file"],
    );
    const [wait] = plan.waits;
    assert.equal(wait?.reason, "FormerPoolerServes");
    assert.match(wait.for, /which serves port 6433 until 2027-01-15 08:00 UTC/);
    assert.match(wait.wayOut, /systemctl stop pgha-pgbouncer-former\.service/);
    const messages = [...statuses.values()].flatMap(({ hosts }) => hosts.map(({ message = "" }) => message));
    assert.equal(messages.filter((one) => one.includes("the one before serves port 6433 until")).length, 2);
    // Where it would disconnect anyway, it waits for nobody.
    const now = await worldWithPool({ parameters: { pkt_buf: 8192 }, drainSeconds: 0 }, model);
    const { plan: cut } = await passOver(now.stack, now.world, now.looks());
    assert.equal(cut.waits.length, 0);
    assert.equal(cut.steps.filter(({ change }) => change.kind === "restart-unit").length, 2);
  });

  it("is no hindrance to a switchover while it listens, and is waited for once it does not", async () => {
    const wayOf = (drains?: { readonly words: string; readonly seconds: number }) => ({
      resource: "PgBouncerPool/p",
      host: "proxy-01",
      state: "serving" as const,
      pooler: { port: 6432, waits: true, ...(drains === undefined ? {} : { drains }) },
    });
    assert.equal(formerPooler([wayOf()]), undefined);
    assert.match(formerPooler([wayOf({ words: "serves", seconds: 5 })])?.for ?? "", /the PgBouncer before on proxy-01/);
    const model = pristine.copy();
    model.host("proxy-01").former = { port: 6432, listens: false, seconds: 300, until: 1_800_000_000_000 };
    const { plan } = await planOf(model);
    assert.deepEqual([plan.steps, plan.waits], [[], []]);
  });
});

async function worldWithPool(spec: object, from?: ModelWorld): Promise<ModelWorld> {
  const before = from ?? pristine;
  const { stack } = before;
  return before.copy({
    ...stack,
    pgbouncerPools: stack.pgbouncerPools.map((pool) => ({ ...pool, spec: { ...pool.spec, ...spec } })),
  });
}
