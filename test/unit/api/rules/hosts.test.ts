import assert from "node:assert/strict";
import { test } from "node:test";
import { DB, testCases } from "../cases.ts";
import { force, hostKey, judge, places, soundStack, type Stack } from "../stack.ts";

const host = (stack: Stack, index: number) => stack.cluster.spec.hosts[index] ?? assert.fail();
testCases([
  { reason: "a sound stack passes without a word", spoil: () => {} },
  {
    reason: "two hosts of one name are refused",
    spoil: (stack) => (host(stack, 1).name = "db-1"),
    problems: [`${DB} spec.hosts[1].name`],
    says: /like entry 0/,
  },
  {
    reason: "two hosts at one address are refused",
    spoil: (stack) => (host(stack, 1).address = "10.0.0.120"),
    problems: [`${DB} spec.hosts[1].address`],
    says: /address of db-1/,
  },
  {
    reason: "one IPv6 address in two spellings is one address",
    spoil: (stack) => {
      host(stack, 0).address = "fd00::1";
      host(stack, 1).address = "FD00:0:0::0001";
    },
    problems: [`${DB} spec.hosts[1].address`],
  },
  {
    reason: "an even number of members is refused",
    spoil: (stack) => stack.cluster.spec.hosts.pop(),
    problems: [`${DB} spec.hosts`],
    says: /odd number of members/,
  },
  {
    reason: "one member without the acknowledgement is refused",
    spoil: (stack) => stack.cluster.spec.hosts.splice(1),
    problems: [`${DB} spec.hosts`],
  },
  {
    reason: "one member with the acknowledgement is accepted",
    spoil: (stack) => {
      stack.cluster.spec.hosts.splice(1);
      stack.cluster.spec.allowSingleMember = true;
    },
  },
  {
    reason: "the acknowledgement of one member does not allow two",
    spoil: (stack) => {
      stack.cluster.spec.hosts.splice(2);
      stack.cluster.spec.allowSingleMember = true;
    },
    problems: [`${DB} spec.hosts`],
  },
  {
    reason: "a cluster in which nobody may lead is refused",
    spoil: (stack) => stack.cluster.spec.hosts.forEach((each) => (each.failoverPriority = 0)),
    problems: [`${DB} spec.hosts`],
    says: /none could ever lead/,
  },
  {
    reason: "one machine under two names in two resources is refused, naming both",
    spoil: (stack) => force(stack.pgbouncer.spec.hosts[0] ?? {}, "name", "lb-1"),
    problems: ["PgBouncerPool/pooler spec.hosts[0].address"],
    says: /address of proxy-1 in HAProxyPool\/proxy/,
  },
  {
    reason: "one name for two machines is refused",
    spoil: (stack) => force(stack.pgbouncer.spec.hosts[0] ?? {}, "address", "10.0.0.99"),
    problems: ["PgBouncerPool/pooler spec.hosts[0]", "PgBouncerPool/pooler spec.hosts[0].address"],
  },
  {
    reason: "one machine with two ways to log in is refused",
    spoil: (stack) => {
      stack.pgbouncer.spec.ssh.user = "admin";
      stack.pgbouncer.spec.ssh.become = "sudo";
    },
    problems: ["PgBouncerPool/pooler spec.hosts[0].ssh", "PgBouncerPool/pooler spec.hosts[1].ssh"],
    says: /another user in HAProxyPool\/proxy/,
  },
  {
    reason: "one machine with two host keys is refused",
    spoil: (stack) => force(stack.pgbouncer.spec.hosts[0] ?? {}, "hostKey", hostKey(99)),
    problems: ["PgBouncerPool/pooler spec.hosts[0].hostKey"],
  },
  {
    reason: "a comment after a host key makes no difference",
    spoil: (stack) => force(stack.pgbouncer.spec.hosts[0] ?? {}, "hostKey", `${hostKey(11)} root@proxy-1`),
  },
  {
    reason: "two clusters on one host are refused whatever their ports",
    spoil: (stack) => {
      const other = structuredClone(stack.cluster);
      other.metadata.name = "other";
      other.spec.hosts.splice(1);
      other.spec.allowSingleMember = true;
      other.spec.postgresql.port = 5500;
      other.spec.patroni = { restApi: { port: 8500 }, dcs: { raft: { port: 7500 } } };
      stack.more.push(other);
    },
    problems: ["PostgresHACluster/other spec.hosts[0]"],
    says: /already belongs to PostgresHACluster\/main/,
  },
  {
    reason: "two resources of one name are refused",
    spoil: (stack) => stack.more.push(structuredClone(stack.pgbouncer)),
    problems: [
      "PgBouncerPool/pooler metadata.name",
      "PgBouncerPool/pooler spec.hosts[0]",
      "PgBouncerPool/pooler spec.hosts[1]",
    ],
  },
  {
    reason: "a pinned policy demands a key (F95)",
    spoil: (stack) => delete host(stack, 1).hostKey,
    problems: [`${DB} spec.hosts[1].hostKey`],
    says: /impostor/,
  },
  {
    reason: "known_hosts text stands in for keys",
    spoil: (stack) => {
      delete host(stack, 1).hostKey;
      stack.cluster.spec.ssh.knownHosts = `10.0.0.121 ${hostKey(2)}\n`;
    },
  },
  {
    reason: "known_hosts text without a line for the host does not",
    spoil: (stack) => {
      delete host(stack, 1).hostKey;
      stack.cluster.spec.ssh.knownHosts = `10.0.0.122 ${hostKey(2)}\n`;
    },
    problems: [`${DB} spec.hosts[1].hostKey`],
    says: /no line for "10.0.0.121"/,
  },
  {
    reason: "trust on first use demands none",
    spoil: (stack) => {
      delete host(stack, 1).hostKey;
      stack.cluster.spec.ssh.hostKeyPolicy = "trust-on-first-use";
    },
  },
  {
    reason: "the dots of a manual are no key",
    spoil: (stack) => (host(stack, 0).hostKey = "ssh-ed25519 AAAA..."),
    problems: [`${DB} spec.hosts[0].hostKey`],
    says: /base64/,
  },
  {
    reason: "a key that is cut short is refused",
    spoil: (stack) => (host(stack, 0).hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA"),
    problems: [`${DB} spec.hosts[0].hostKey`],
  },
  {
    reason: "a fingerprint is no key",
    spoil: (stack) => (host(stack, 0).hostKey = "SHA256:abc"),
    problems: [`${DB} spec.hosts[0].hostKey`],
    says: /fingerprint/,
  },
  {
    reason: "two machines with one key are warned of",
    spoil: (stack) => (host(stack, 1).hostKey = hostKey(1)),
    warnings: [`${DB} spec.hosts[1].hostKey`],
  },
  {
    reason: "a user who is not root and does not become root is warned of",
    spoil: (stack) => (stack.cluster.spec.ssh.user = "admin"),
    warnings: [`${DB} spec.ssh.become`],
  },
]);

test("the same names in another namespace are other resources", () => {
  const { pgbouncer } = soundStack();
  const { problems } = judge((stack) => {
    stack.more.push({ ...pgbouncer, metadata: { name: "pooler", namespace: "other" } });
  });
  assert.ok(!places(problems).includes("PgBouncerPool/pooler metadata.name"));
});
