import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextWave } from "../../../../src/plan/wave.ts";
import { HostFindings } from "../../../../src/plan/findings.ts";
import type { DesiredBase } from "../../../../src/reconcilers/host-baseline/desire.ts";
import { firewallSteps, tellFirewall } from "../../../../src/reconcilers/host-baseline/firewall-plan.ts";
import { planOf, takeAll } from "../../../model/converge.ts";
import { ModelWorld } from "../../../model/model-world.ts";
import { stackWithBaseline } from "../../../model/sample-stack.ts";

const BASE = "HostBaseline/keybuzz-base";
const RULESET = "/etc/pgha/firewall/ruleset.nft";

const before = new ModelWorld(stackWithBaseline());
await takeAll(before);

function withFirewall(firewall: object | undefined, model: ModelWorld = before): ModelWorld {
  const { stack } = model;
  return model.copy({
    ...stack,
    baselines: stack.baselines.map((one) => ({ ...one, spec: { ...one.spec, firewall } as never })),
  });
}

const guarded = withFirewall({ drop: "everything", adminNetworks: ["10.9.0.0/24"] });
await takeAll(guarded);

const rulesOn = (model: ModelWorld, host: string): readonly string[] =>
  (model.host(host).files.get(RULESET)?.content ?? "").split("\n").filter((line) => line.includes("saddr"));

describe("the firewall of a HostBaseline", () => {
  it("lets in what the stack declares, and whom", () => {
    assert.deepEqual(
      rulesOn(guarded, "db-slave-01").map((line) => line.trim()),
      [
        'ip saddr { 10.9.0.0/24 } tcp dport 22 accept comment "SSH"',
        'ip saddr { 10.0.0.0/16 } tcp dport 5432 accept comment "PostgreSQL"',
        "ip saddr { 10.0.0.120, 10.0.0.121, 10.0.0.122, 10.0.0.11, 10.0.0.12 } tcp dport 8008 accept " +
          'comment "Patroni\'s REST API"',
        'ip saddr { 10.0.0.120, 10.0.0.121, 10.0.0.122 } tcp dport 7000 accept comment "the DCS"',
      ],
    );
    const ports = rulesOn(guarded, "proxy-01").map((line) => /dport (\d+)/.exec(line)?.[1]);
    assert.deepEqual(ports, ["22", "5432", "5433", "8404", "6432"]);
  });

  it("says who is kept out, and how nobody is locked out", async () => {
    const { plan } = await planOf(withFirewall({}));
    const [step] = plan.steps.filter(({ change }) => change.kind === "load-firewall");
    assert.match(step?.noticed ?? "", /is kept out from then on/);
    assert.equal(step?.impact, "noticed");
    assert.deepEqual(rulesOn(withFirewall({}), "proxy-01"), []);
  });

  it("is loaded again where it is not in force any more", async () => {
    const model = guarded.copy();
    model.host("db-slave-01").base.firewall = "f".repeat(64);
    const { plan } = await planOf(model);
    assert.deepEqual(
      plan.steps.map(({ host, change }) => [host, change.kind]),
      [["db-slave-01", "load-firewall"]],
    );
    await takeAll(model);
    assert.deepEqual(model.state, guarded.state);
  });

  it("lets in both ports of a pooler that moves, before it does and until the one before has ended", async () => {
    // Of its own, since Secrets are renewed by it.
    const own = withFirewall(
      { drop: "everything", adminNetworks: ["10.9.0.0/24"] },
      new ModelWorld(stackWithBaseline()),
    );
    await takeAll(own);
    const { stack } = own;
    const moved = stack.pgbouncerPools.map((pool) => ({ ...pool, spec: { ...pool.spec, port: 6433 } }));
    const model = own.copy({ ...stack, pgbouncerPools: moved });
    const ports = () => rulesOn(model, "proxy-01").flatMap((line) => /dport (643\d)/.exec(line)?.[1] ?? []);
    const beside: string[] = [];
    for (let round = 0; round < 40; round += 1) {
      const pass = await planOf(model);
      const wave = nextWave(pass.plan);
      if (wave.kind !== "steps") break;
      for (const step of wave.steps) {
        if (step.host === "proxy-01" && step.change.kind === "restart-unit") beside.push(ports().join());
        await model.take(step, pass);
      }
    }
    assert.deepEqual(beside, ["6433,6432"]);
    model.host("proxy-01").former = { port: 6432, listens: true, seconds: 60, until: 4_000_000_000_000 };
    await takeAll(model);
    assert.deepEqual(ports(), ["6433", "6432"]);
    model.host("proxy-01").former = undefined;
    await takeAll(model);
    assert.deepEqual(ports(), ["6433"]);
  });

  it("is not tried again once it was taken back, and that is said until it is another one", async () => {
    const model = guarded.copy();
    const host = model.host("proxy-02");
    host.base.firewallRefused = host.base.firewall;
    host.base.firewall = undefined;
    const { plan, statuses } = await planOf(model);
    assert.deepEqual(plan.steps, []);
    assert.deepEqual(
      plan.blockers.map(({ reason, host: where, scope }) => [reason, where, scope]),
      [["FirewallTakenBack", "proxy-02", "nothing"]],
    );
    assert.equal(statuses.get(BASE)?.phase, "Blocked");
    const corrected = withFirewall({ drop: "everything", adminNetworks: ["10.8.0.0/24"] }, model);
    assert.ok((await planOf(corrected)).plan.steps.some(({ host: where }) => where === "proxy-02"));
  });

  it("goes when it is taken out of the spec", async () => {
    const model = withFirewall(undefined, guarded);
    const { plan } = await planOf(model);
    // fail2ban is told too: administrators' networks stood in the firewall.
    const kinds = new Set(plan.steps.map(({ change }) => change.kind));
    assert.deepEqual([...kinds], ["write-file", "tell-service", "remove-firewall"]);
    await takeAll(model);
    assert.equal(model.host("proxy-01").base.firewall, undefined);
    assert.deepEqual((await planOf(model)).plan.steps, []);
  });

  it("is left to ufw or firewalld where these are switched on, with its rules in their words", () => {
    const said = (other: "ufw" | "firewalld"): string => {
      const findings = new HostFindings(BASE, "db-1", "nothing");
      const facts = { firewall: { other, inForce: undefined, hasTable: false, refused: undefined, isEnabled: false } };
      const open = [{ title: "SSH", protocol: "tcp", port: 22, from: ["10.9.0.0/24", "10.9.0.7", "fd00::/64"] }];
      const host = { name: "db-1", firewall: { content: "", digest: "0" }, open } as unknown as DesiredBase;
      assert.deepEqual(firewallSteps(BASE, host, { ...facts, paths: {} } as never), []);
      tellFirewall(host, facts as never, findings);
      assert.deepEqual(
        findings.blockers.map(({ reason }) => reason),
        ["FirewallOfOthers"],
      );
      return findings.blockers[0]?.wayOut ?? "";
    };
    assert.equal(
      said("ufw"),
      "Let it in by ufw, or switch that off:\n" +
        "ufw allow proto tcp from 10.9.0.0/24 to any port 22 comment 'SSH'\n" +
        "ufw allow proto tcp from fd00::/64 to any port 22 comment 'SSH'",
    );
    assert.match(said("firewalld"), /--add-rich-rule='rule family="ipv6" source address="fd00::\/64" port port="22"/);
    assert.match(said("firewalld"), /\nfirewall-cmd --reload$/);
  });
});
