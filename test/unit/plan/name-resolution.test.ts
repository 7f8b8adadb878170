import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Look } from "../../../src/facts/fact.ts";
import type { NameFact } from "../../../src/facts/names.ts";
import { mergeFindings } from "../../../src/plan/findings.ts";
import { nameResolution } from "../../../src/plan/name-resolution.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld } from "../../model/converge.ts";

function name(changes: Partial<NameFact> = {}): NameFact {
  return { name: "db-1.lan", addresses: ["10.0.0.1"], namesOfThose: ["db-1.lan"], hostsFile: "", ...changes };
}

function findings(facts: Readonly<Record<string, readonly NameFact[]>>, scope: "host" | "everything" = "everything") {
  const looks = new Map(
    Object.entries(facts).map(([host, names]) => [host, { seen: true as const, host, facts: { names } }]),
  );
  return mergeFindings(
    nameResolution({ resource: "PostgresHACluster/x", scope, members: ["db-1.lan", "db-2.lan"] }, looks),
  );
}

describe("names of hosts", () => {
  it("that mean the same everywhere, and back, are nothing to talk about", () => {
    assert.deepEqual(findings({ a: [name()], b: [name()] }), { blockers: [], warnings: [] });
    const withIpv6 = name({ addresses: ["10.0.0.1", "fd00::1"] });
    assert.deepEqual(findings({ a: [name()], b: [withIpv6] }), { blockers: [], warnings: [] });
  });

  for (const address of ["127.0.1.1", "127.0.0.1", "::1"]) {
    it(`that are ${address} on a host block, with the line of /etc/hosts`, () => {
      const fact = name({ addresses: [address], hostsFile: `3:${address} db-1.lan db-1` });
      const { blockers } = findings({ a: [fact], b: [name()] });
      assert.equal(blockers.length, 1);
      assert.equal(blockers[0]?.host, "a");
      assert.equal(blockers[0].reason, "NameResolution");
      assert.ok(blockers[0].why.includes(`/etc/hosts, line 3:${address} db-1.lan db-1`), blockers[0].why);
      assert.match(blockers[0].wayOut, /On a, in \/etc\/hosts/);
    });
  }

  it("that lead to loopback beside the real address block, too", () => {
    assert.equal(findings({ a: [name({ addresses: ["10.0.0.1", "127.0.1.1"] })] }).blockers.length, 1);
  });

  it("two of which lead to one machine block", () => {
    const twice = findings({ a: [name(), name({ name: "db-2.lan", namesOfThose: ["db-2.lan"] })] }).blockers;
    assert.equal(twice.length, 1);
    assert.match(twice[0]?.why ?? "", /db-1.lan and db-2.lan both are 10.0.0.1 there/);
  });

  it("that a host does not know, or knows otherwise, block", () => {
    assert.match(findings({ a: [name({ addresses: [] })] }).blockers[0]?.why ?? "", /does not know the name db-1.lan/);
    const other = findings({ a: [name()], b: [name({ addresses: ["10.0.0.9"] })] }).blockers;
    assert.deepEqual(
      other.map(({ host }) => host),
      ["a", "b"],
    );
  });
});

it("are looked at on the hosts of poolers, too", async () => {
  const model = await convergedWorld();
  const looks = new Map(model.looks());
  const fact = name({ addresses: ["127.0.1.1"], hostsFile: "2:127.0.1.1 proxy-01" });
  const [resource = "", poolers] = [...looks].find(([key]) => key.startsWith("PgBouncerPool/")) ?? [];
  const withNames = [...(poolers ?? [])].map(([host, look]): [string, Look<never>] => [
    host,
    look.seen ? { ...look, facts: { ...(look.facts as object), names: [fact] } as never } : look,
  ]);
  looks.set(resource, new Map(withNames));
  const { plan } = await passOver(model.stack, model.world, looks);
  const found = plan.blockers.filter(({ reason }) => reason === "NameResolution");
  assert.deepEqual(
    found.map(({ host }) => host),
    withNames.map(([host]) => host),
  );
  assert.match(found[0]?.why ?? "", /127.0.1.1 there, which nobody else can reach/);
});
