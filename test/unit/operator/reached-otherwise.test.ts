import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HAProxyPool, PgBouncerPool } from "../../../src/api/index.ts";
import { isReachedOtherwise } from "../../../src/operator/visit/reached-otherwise.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const { clusters, haproxyPools, pgbouncerPools } = sampleStack();
const [cluster] = clusters;
const [proxies] = haproxyPools;
const [poolers] = pgbouncerPools;
assert.ok(cluster && proxies && poolers);

type Host = HAProxyPool["spec"]["hosts"][number];

function withHosts(change: (host: Host, index: number) => Host): HAProxyPool {
  return { ...proxies!, spec: { ...proxies!.spec, hosts: proxies!.spec.hosts.map(change) } };
}

function withSsh(change: Partial<HAProxyPool["spec"]["ssh"]>): HAProxyPool {
  return { ...proxies!, spec: { ...proxies!.spec, ssh: { ...proxies!.spec.ssh, ...change } } };
}

/** Whether what is not valid any more, the poolers, would be reached in another way than these. */
const differs = (...valid: readonly HAProxyPool[]): boolean =>
  isReachedOtherwise(poolers as PgBouncerPool, [cluster!, ...valid]);

describe("a resource that is not valid is looked at in the way of those that are", () => {
  it("where they name the same hosts alike, or other hosts, or nobody else is valid", () => {
    assert.equal(differs(proxies), false);
    assert.equal(differs(), false);
    assert.equal(differs(withHosts((host) => ({ ...host, name: `other-${host.name}` }))), false);
    assert.equal(isReachedOtherwise(poolers, []), false);
  });

  it("and not at all where one of its hosts is somewhere else, or is logged in to otherwise", () => {
    for (const [what, other] of [
      ["address", withHosts((host, index) => (index === 1 ? { ...host, address: "10.0.0.99" } : host))],
      ["port of all", withSsh({ port: 2222 })],
      ["user", withSsh({ user: "ops", become: "sudo" })],
      ["key", withSsh({ privateKeySecretRef: { name: "other", key: "ssh-privatekey" } })],
      ["entry of that key", withSsh({ privateKeySecretRef: { name: "vm-ssh", key: "other" } })],
      ["bastion", withSsh({ bastion: { address: "10.0.0.1", port: 22, user: "jump", via: "forward", hostKey: "k" } })],
      ["port of one", withHosts((host, index) => (index === 0 ? { ...host, ssh: { port: 2222 } } : host))],
      [
        "host key",
        withHosts((host) => ({
          ...host,
          hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8Yvw3BZcJGXmGeYYyZ1tCEqVRLxkcSZIRWFrXX3QVQ",
        })),
      ],
    ] as const)
      assert.equal(differs(other), true, what);
  });

  it(
    "a host's own setting that says the same as the resource's is no other way, nor is a key that only " + "one names",
    () => {
      assert.equal(differs(withHosts((host) => ({ ...host, ssh: { port: 22 } }))), false);
      assert.equal(differs(withHosts(({ hostKey: _, ...host }) => host)), false);
      const [one, other] = ["one", "other"].map((knownHosts) => withSsh({ knownHosts }));
      assert.ok(one && other);
      assert.equal(differs(one), false);
      assert.equal(isReachedOtherwise(one, [other]), true);
    },
  );
});
