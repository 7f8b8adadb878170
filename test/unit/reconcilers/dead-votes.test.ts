import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextWave } from "../../../src/plan/wave.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld } from "../../model/converge.ts";

const CLUSTER = "PostgresHACluster/keybuzz-pg";
const [LEADER, DEAD] = ["db-master-01", "db-slave-01"];
const pristine = await convergedWorld();

interface MemberFacts {
  dcs: {
    status?: { hasQuorum: boolean; partners: readonly { readonly address: string; readonly connected: boolean }[] };
    silent?: true;
  };
  patroni: { answers: boolean; member?: object };
  dataDirectory: { class: string };
  sql?: { settings: { name: string; value: string }[]; replication: { name: string; state: string }[] };
}

/** A pass where the leader's node does not hear one of the others. */
async function planWhere(change: (facts: ReadonlyMap<string, MemberFacts>) => void) {
  const model = pristine.copy();
  const looks = model.looks();
  const facts = new Map(
    [...(looks.get(CLUSTER) ?? [])].flatMap(([name, look]) =>
      look.seen ? [[name, (look as unknown as { readonly facts: MemberFacts }).facts] as const] : [],
    ),
  );
  const leading = facts.get(LEADER);
  const address = model.stack.clusters[0]?.spec.hosts.find(({ name }) => name === DEAD)?.address ?? "";
  assert.ok(leading?.dcs.status !== undefined);
  leading.dcs.status.partners = leading.dcs.status.partners.map((partner) =>
    partner.address === `${address}:7000` ? { ...partner, connected: false } : partner,
  );
  change(facts);
  return (await passOver(model.stack, model.world, looks)).plan;
}

function ofDead(facts: ReadonlyMap<string, MemberFacts>): MemberFacts {
  const found = facts.get(DEAD);
  assert.ok(found !== undefined);
  return found;
}

describe("a replica whose node of RAFT ended while its Patroni goes on", () => {
  it("has its Patroni started anew at once, once its readers left, and nobody else's", async () => {
    const plan = await planWhere((facts) => (ofDead(facts).dcs.silent = true));
    assert.deepEqual(
      plan.waits.map(({ reason, host }) => [reason, host]),
      [["VoterUnheard", DEAD]],
    );
    const wave = nextWave(plan);
    assert.ok(wave.kind === "steps");
    assert.deepEqual(
      wave.steps.map(({ host, impact, change }) => [host, impact, change.kind, "unit" in change && change.unit]),
      [[DEAD, "restart", "restart-member", "patroni.service"]],
    );
    assert.match(wave.steps[0]?.noticed ?? "", /readers through HAProxy .* go to other replicas first/);
  });

  it("that follows nobody any more has nobody who would notice", async () => {
    const plan = await planWhere((facts) => {
      ofDead(facts).dcs.silent = true;
      const leading = facts.get(LEADER)?.sql;
      if (leading !== undefined) leading.replication = leading.replication.filter(({ name }) => name !== DEAD);
    });
    const wave = nextWave(plan);
    assert.deepEqual(wave.kind === "steps" && wave.steps.map(({ host, impact }) => [host, impact]), [[DEAD, "none"]]);
  });

  it("is started anew without a leader, too: with two of three there is no quorum before", async () => {
    const plan = await planWhere((facts) => {
      for (const [name, { dcs, patroni, sql }] of facts) {
        if (name !== LEADER) dcs.silent = true;
        else if (dcs.status !== undefined) {
          const partners = dcs.status.partners.map((partner) => ({ ...partner, connected: false }));
          dcs.status = { hasQuorum: false, partners };
          Object.assign(patroni.member ?? {}, { role: "replica" });
          Object.assign(sql ?? {}, { inRecovery: true });
        }
      }
    });
    const wave = nextWave(plan);
    assert.ok(wave.kind === "steps");
    assert.deepEqual(
      wave.steps.map(({ change, impact }) => ["member" in change && change.member, impact]),
      [[DEAD, "none"]],
      "one after the other",
    );
    assert.equal(plan.steps.filter(({ change }) => change.kind === "restart-member").length, 2);
  });

  it("and that has no data yet is left to what it is about", async () => {
    const plan = await planWhere((facts) => {
      ofDead(facts).dcs.silent = true;
      Object.assign(ofDead(facts).dataDirectory, { class: "partial" });
    });
    assert.ok(!plan.steps.some(({ change }) => change.kind === "restart-member"));
  });

  it("that answers itself, or was not asked, is cut off by the network for all one knows, and goes on", async () => {
    for (const dcs of [{}, { status: { hasQuorum: false, partners: [] } }]) {
      const plan = await planWhere((facts) => Object.assign(ofDead(facts).dcs, dcs));
      assert.deepEqual(plan.steps, []);
      assert.deepEqual(
        plan.waits.map(({ reason }) => reason),
        ["VoterUnheard"],
      );
    }
  });

  it("is said to be unheard, and not that it lacks a value that it could not hear of", async () => {
    const plan = await planWhere((facts) => {
      const rows = (ofDead(facts).sql?.settings ?? []).filter(({ name }) => name === "wal_keep_size");
      assert.equal(rows.length, 1);
      for (const row of rows) row.value = "2GB";
    });
    assert.deepEqual(
      plan.waits.map(({ reason }) => reason),
      ["VoterUnheard"],
    );
  });
});
