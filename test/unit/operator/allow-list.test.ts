import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidInputError } from "../../../src/errors.ts";
import { allowList } from "../../../src/operator/hosts/allow-list.ts";
import { sampleStack } from "../../model/sample-stack.ts";

const [cluster] = sampleStack().clusters;
assert.ok(cluster);

function withAddress(address: string) {
  assert.ok(cluster);
  return {
    ...cluster,
    spec: {
      ...cluster.spec,
      hosts: cluster.spec.hosts.map((host, index) => (index === 0 ? { ...host, address } : host)),
    },
  };
}

test("without networks every host may be logged in to", () => assert.equal(allowList([])(cluster), undefined));

test("hosts within one of the networks are allowed, IPv6 too", () => {
  assert.equal(allowList(["192.0.2.0/24", "10.0.0.0/16"])(cluster), undefined);
  assert.equal(allowList(["10.0.0.0/16", "2001:db8::/32"])(withAddress("2001:db8::5")), undefined);
});

test("one host outside refuses the whole resource, and says which", () => {
  assert.deepEqual(allowList(["10.0.0.0/16"])(withAddress("10.1.0.5"))?.host, "db-master-01");
});

test("a name is refused, since it can be made to lead anywhere", () => {
  assert.match(
    allowList(["0.0.0.0/0"])(withAddress("db.example.org"))?.message ?? "",
    /db\.example\.org is not within/,
  );
});

test("a bastion outside is refused like a host", () => {
  const bastion = {
    address: "198.51.100.7",
    port: 22,
    user: "jump",
    hostKey: "ssh-ed25519 AAAA",
    via: "exec",
  } as const;
  const behind = { ...cluster, spec: { ...cluster.spec, ssh: { ...cluster.spec.ssh, bastion } } };
  assert.match(allowList(["10.0.0.0/16"])(behind as never)?.message ?? "", /bastion 198\.51\.100\.7/);
});

test("what is no network is refused at the start", () =>
  assert.throws(() => allowList(["10.0.0.5/16"]), InvalidInputError));
