import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HbaFact } from "../../../src/facts/hba-rules.ts";
import { nextWave } from "../../../src/plan/wave.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld, inOrder, planOf } from "../../model/converge.ts";
import { modelRule } from "../../model/model-hba.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const CLUSTER = "PostgresHACluster/keybuzz-pg";
const TRUST = "host all all 0.0.0.0/0 trust";
const pristine = await convergedWorld();

type Facts = { patroni: { member: { tags: object } }; sql: { hba: HbaFact } | undefined };

/** A pass over the model, one of whose members has another pg_hba.conf. */
async function passWith(change: (hba: HbaFact) => Partial<HbaFact>, more?: (facts: Facts) => void): Promise<Pass> {
  const model = pristine.copy();
  const looks = model.looks();
  const look = looks.get(CLUSTER)?.get("db-slave-01");
  assert.ok(look?.seen);
  const facts = look.facts as unknown as Facts;
  assert.ok(facts.sql !== undefined);
  facts.sql = { ...facts.sql, hba: { ...facts.sql.hba, ...change(facts.sql.hba) } };
  more?.(facts);
  return passOver(model.stack, model.world, looks);
}

function withLines(model: ModelWorld, additionalHba: readonly string[]): ModelWorld {
  const stack = structuredClone(model.stack);
  return model.copy({
    ...stack,
    clusters: stack.clusters.map((cluster) => ({
      ...cluster,
      spec: { ...cluster.spec, postgresql: { ...cluster.spec.postgresql, additionalHba } },
    })),
  });
}

const rule = (line: string) => modelRule(line, 40, 17);
const reasonsOf = ({ plan }: Pass) =>
  plan.steps.flatMap(({ host, change, because }) =>
    change.kind === "restore-hba" ? [`${host ?? ""}: ${because}`] : [],
  );

describe("pg_hba.conf of a member", () => {
  it("is put back on every member where somebody wrote into it", async () => {
    const model = pristine.copy();
    for (const name of ["db-master-01", "db-slave-02"]) {
      model.host(name).accessRules = [TRUST];
    }
    const pass = await planOf(model);
    assert.deepEqual(
      reasonsOf(pass).map((reason) => reason.slice(0, 80)),
      ["db-master-01", "db-slave-02"].map((host) =>
        `${host}: it has rules that the spec does not ask for: host all all 0.0.0.0 0.0.0.0 trust`.slice(0, 80),
      ),
    );
    assert.equal(pass.statuses.get(CLUSTER)?.conditions.find(({ type }) => type === "Ready")?.status, "False");
    for (const step of inOrder(pass.plan)) await model.take(step, pass);
    assert.deepEqual((await planOf(model)).plan.steps, []);
  });

  const refused = rule("host all all 10.0.0.0/33 scram-sha-256");
  const cases: readonly (readonly [string, (hba: HbaFact) => Partial<HbaFact>, RegExp])[] = [
    ["a rule behind", ({ rules }) => ({ rules: [...rules, rule(TRUST)] }), /host all all 0\.0\.0\.0 0\.0\.0\.0 trust$/],
    ["a rule before", ({ rules }) => ({ rules: [rule("local all all trust"), ...rules] }), /local all all trust$/],
    [
      "a line that PostgreSQL refuses",
      ({ rules }) => ({ rules: [...rules, refused] }),
      /refuses line 40 .* start with it/,
    ],
    ["a rule less", ({ rules }) => ({ rules: rules.slice(1) }), /1 of its rules is missing/],
    ["an include", () => ({ taken: ["include extra.conf"] }), /takes in other files, .*: include extra\.conf$/],
    ["another order", ({ rules }) => ({ rules: rules.toReversed() }), /another order/],
    ["a rule twice", ({ rules }) => ({ rules: [...rules, ...rules.slice(0, 1)] }), /another order/],
    ["another method", ({ rules }) => ({ rules: rules.map((each) => ({ ...each, method: "trust" })) }), /does not ask/],
    ["a file that is not loaded", () => ({ loaded: false }), /has not loaded it/],
    ["a file that cannot be read", () => ({ rules: [], unreadable: "permission denied" }), /cannot read it/],
  ];
  for (const [title, change, because] of cases)
    it(`is put back where there is ${title}`, async () => {
      const pass = await passWith(change);
      assert.equal(reasonsOf(pass).length, 1, JSON.stringify(pass.plan.steps));
      assert.match(reasonsOf(pass)[0] ?? "", because);
    });

  it(
    "is put back whatever else is in the way, and left to Patroni while that has another configuration " + "to load",
    async () => {
      const stranger = ({ rules }: HbaFact) => ({ rules: [...rules, rule(TRUST)] });
      const { plan } = await passWith(stranger);
      const everything = { resource: CLUSTER, reason: "NoQuorum", why: "", wayOut: "", scope: "everything" } as const;
      const wave = nextWave({ ...plan, blockers: [{ ...everything, resource: "PgBouncerPool/x" }] });
      assert.equal(wave.kind, "steps");
      const behind = await passWith(stranger, ({ patroni }) => void Object.assign(patroni.member, { tags: {} }));
      assert.deepEqual(reasonsOf(behind), []);
    },
  );

  it(
    "with a line of the spec that only that PostgreSQL refuses is left to people, and named without its " + "passwords",
    async () => {
      const line = 'host all all 10.9.0.0/16 ldap ldapserver=127.0.0.1 ldapprefix=x ldapbindpasswd="s3cret"';
      const model = withLines(pristine, [line]);
      for (let pass = await planOf(model), steps = inOrder(pass.plan); steps.length > 0; steps = inOrder(pass.plan)) {
        const [step] = steps;
        if (step !== undefined) await model.take(step, pass);
        pass = await planOf(model);
      }
      const { plan } = await planOf(model);
      assert.deepEqual(
        plan.blockers.map(({ reason, host }) => `${reason} ${host ?? ""}`),
        ["db-master-01", "db-slave-01", "db-slave-02"].map((host) => `AccessRuleRefused ${host}`),
      );
      assert.doesNotMatch(JSON.stringify(plan), /s3cret/);
      assert.deepEqual(reasonsOf({ plan } as Pass), []);
    },
  );

  it("that can't match yet, while TLS is not on, is no stranger", async () => {
    const pass = await passWith(({ rules }) => ({
      rules: rules.map((each, index) => (index === 0 ? { ...each, error: "SSL is disabled" } : each)),
    }));
    assert.deepEqual(pass.plan.steps, []);
  });

  it("elsewhere than where the spec's rules are is said", async () => {
    const { plan } = await passWith(() => ({ file: "/etc/own_hba.conf", rules: [] }));
    assert.deepEqual(plan.steps, []);
    assert.match(plan.blockers[0]?.why ?? "", /goes by \/etc\/own_hba.conf/);
  });
});
