import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { firewallUnit, nftables } from "../../../src/render/nftables.ts";
import type { OpenPort } from "../../../src/render/nftables.ts";

const PATH = "/etc/pgha/firewall/ruleset.nft";
const open = (port: number, ...from: readonly string[]): OpenPort => ({
  title: "PostgreSQL",
  protocol: "tcp",
  port,
  from,
});

describe("pgha's own table of nftables", () => {
  it("is replaced as a whole and at once, and touches no other", () => {
    const text = nftables(PATH, { drop: "services", open: [open(5432, "10.0.0.1", "fd00::1")] });
    assert.equal(
      text,
      `# Written by pgha, which brings it back when it is changed here: change the manifest instead.
table inet pgha
delete table inet pgha
table inet pgha {
  chain input {
    type filter hook input priority filter + 10; policy accept;
    iif "lo" accept
    ct state established,related accept
    ip saddr { 10.0.0.1 } tcp dport 5432 accept comment "PostgreSQL"
    ip6 saddr { fd00::1 } tcp dport 5432 accept comment "PostgreSQL"
    tcp dport 5432 drop comment "PostgreSQL"
  }
}
`,
    );
    assert.doesNotMatch(text, /flush/);
  });

  it("drops by its policy, and lets ICMP in, where everything is dropped", () => {
    const text = nftables(PATH, { drop: "everything", open: [open(22, "10.9.0.0/24")] });
    assert.match(text, /policy drop;/);
    assert.match(text, /meta l4proto \{ icmp, ipv6-icmp \} accept/);
    assert.doesNotMatch(text, /dport 22 drop/);
  });

  it("names each network once, and none that lies within another, which nft would refuse", () => {
    const text = nftables(PATH, {
      drop: "services",
      open: [
        open(5432, "10.0.0.7", "10.0.0.0/16", "10.0.0.0/16"),
        open(5432, "10.0.3.0/24", "192.0.2.1/32", "192.0.2.1"),
      ],
    });
    assert.match(text, /ip saddr \{ 10\.0\.0\.0\/16, 192\.0\.2\.1\/32 \} tcp dport 5432 accept/);
  });

  it("takes nothing that could end a rule and begin another", () => {
    for (const [title, from] of [
      ['x" accept', "10.0.0.1"],
      ["x", "10.0.0.1 } accept"],
      ["x", "db.example.org"],
      ["x", "10.0.0.1/99"],
    ] as const)
      assert.throws(() =>
        nftables(PATH, { drop: "services", open: [{ title, protocol: "tcp", port: 1, from: [from] }] }),
      );
    assert.throws(() => nftables(PATH, { drop: "services", open: [open(70000, "10.0.0.1")] }), /is no port/);
  });

  it("is loaded at boot before there is a network, behind what empties all tables", () => {
    const unit = firewallUnit();
    assert.match(unit, /^Before=network-pre\.target/m);
    assert.match(unit, /^After=nftables\.service/m);
    assert.doesNotMatch(unit, /ExecStartPost/, "nobody but pgha notes what was loaded");
  });
});
