import { DB, POOLER, PROXY, testCases } from "../cases.ts";
import { hostKey, type Stack } from "../stack.ts";

function pooledOnMembers({ cluster, haproxy, pgbouncer }: Stack): void {
  haproxy.spec.hosts = cluster.spec.hosts.map((host) => ({ ...host }));
  pgbouncer.spec.hosts = cluster.spec.hosts.map((host) => ({ ...host }));
}

testCases([
  {
    reason: "F43: HAProxy and PgBouncer on one port are refused, once, and both owners are named",
    spoil: ({ pgbouncer }) => (pgbouncer.spec.port = 5433),
    problems: [`${POOLER} spec.port`],
    says: /port 5433 on proxy-1 is already taken by HAProxyPool\/proxy spec\.ports\.read/,
  },
  {
    reason: "F43: HAProxy on the members' own hosts needs another port than PostgreSQL",
    spoil: pooledOnMembers,
    problems: [`${PROXY} spec.ports.write`],
    says: /port 5432 on db-1 is already taken by PostgresHACluster\/main spec\.postgresql\.port/,
  },
  {
    reason: "everything on the members' hosts is fine when the ports differ",
    spoil: (stack) => {
      pooledOnMembers(stack);
      stack.haproxy.spec.ports = { write: 6000, read: 6001 };
    },
  },
  {
    reason: "Patroni's API and RAFT on one port are refused",
    spoil: ({ cluster }) => (cluster.spec.patroni = { restApi: { port: 7000 } }),
    problems: [`${DB} spec.patroni.dcs.raft.port`],
    says: /taken by spec\.patroni\.restApi\.port/,
  },
  {
    reason: "HAProxy's own three ports must differ",
    spoil: ({ haproxy }) => (haproxy.spec.ports = { read: 5432 }),
    problems: [`${PROXY} spec.ports`],
    says: /three different ports/,
  },
  {
    reason: "nobody takes the port of sshd",
    spoil: ({ pgbouncer }) => (pgbouncer.spec.port = 22),
    problems: [`${POOLER} spec.port`],
    says: /taken by sshd/,
  },
  {
    reason: "sshd's port is the one of the host, where the host has its own",
    spoil: ({ haproxy, pgbouncer }) => {
      for (const { spec } of [haproxy, pgbouncer]) for (const host of spec.hosts) host.ssh = { port: 6432 };
    },
    problems: [`${POOLER} spec.port`],
  },
  {
    reason: "one port on different hosts is no conflict",
    spoil: ({ pgbouncer }) => {
      pgbouncer.spec.port = 5432;
      pgbouncer.spec.hosts = [{ name: "proxy-3", address: "10.0.0.13", hostKey: hostKey(13) }];
      pgbouncer.spec.haproxyPoolRef = { name: "proxy" };
    },
  },
]);
