import { DB, POOLER, PROXY, testCases } from "../cases.ts";
import { force, hostKey, type Stack } from "../stack.ts";

const third = { name: "proxy-3", address: "10.0.0.13", hostKey: hostKey(13) };
const otherProxy = (stack: Stack) => {
  const other = structuredClone(stack.haproxy);
  other.metadata.name = "proxy-two";
  other.spec.hosts = [{ ...third }];
  stack.more.push(other);
};

testCases([
  {
    reason: "a cluster that does not exist is refused, and the likely one named",
    spoil: ({ haproxy, pgbouncer }) => [haproxy, pgbouncer].forEach(({ spec }) => (spec.clusterRef.name = "mian")),
    problems: [`${PROXY} spec.clusterRef.name`, `${POOLER} spec.clusterRef.name`],
  },
  {
    reason: "a reference never leaves its namespace",
    spoil: ({ cluster }) => (cluster.metadata.namespace = "other"),
    problems: [`${PROXY} spec.clusterRef.name`, `${POOLER} spec.clusterRef.name`],
  },
  {
    reason: "an HAProxyPool that does not exist is refused",
    spoil: ({ pgbouncer }) => (pgbouncer.spec.haproxyPoolRef = { name: "prxy" }),
    problems: [`${POOLER} spec.haproxyPoolRef.name`],
  },
  {
    reason: "F64: a pooler on a host without HAProxy is refused",
    spoil: ({ pgbouncer }) => pgbouncer.spec.hosts.push({ ...third }),
    problems: [`${POOLER} spec.hosts[2]`],
    says: /proxy-3" runs no HAProxy/,
  },
  {
    reason: "F64: unless it names the pool it goes through",
    spoil: ({ pgbouncer }) => {
      pgbouncer.spec.hosts.push({ ...third });
      pgbouncer.spec.haproxyPoolRef = { name: "proxy" };
    },
  },
  {
    reason: "two pools to choose from must be chosen from",
    spoil: (stack) => {
      otherProxy(stack);
      stack.pgbouncer.spec.hosts.push({ ...third });
    },
    problems: [`${POOLER} spec.haproxyPoolRef`],
  },
  {
    reason: "F52: HAProxy must not cut what the pooler keeps",
    spoil: ({ haproxy }) => (haproxy.spec.timeouts = { clientSeconds: 600 }),
    problems: [`${POOLER} spec.serverIdleTimeoutSeconds`],
    says: /HAProxyPool\/proxy cuts connections that are silent for 600 s/,
  },
  {
    reason: "F74: pools that add up to more than max_connections are warned of",
    spoil: ({ pgbouncer }) => (pgbouncer.spec.defaultPoolSize = 95),
    warnings: [`${DB} spec.postgresql.parameters.max_connections`],
    says: /can open 200 connections/,
  },
  {
    reason: "F74: a limit for each database counts",
    spoil: ({ pgbouncer }) => {
      pgbouncer.spec.defaultPoolSize = 95;
      pgbouncer.spec.maxDatabaseConnections = 95;
    },
  },
  {
    reason: "a limit for a database below one pool is warned of",
    spoil: ({ pgbouncer }) => (pgbouncer.spec.maxDatabaseConnections = 10),
    warnings: [`${POOLER} spec.maxDatabaseConnections`],
  },
  {
    reason: "F52: connections that the pooler keeps for ever are warned of",
    spoil: ({ pgbouncer }) => (pgbouncer.spec.serverIdleTimeoutSeconds = 0),
    warnings: [`${POOLER} spec.serverIdleTimeoutSeconds`],
    says: /cuts idle connections first, after 3600 s/,
  },
  {
    reason: "a pooler can't go through the HAProxy of another cluster",
    spoil: (stack) => {
      const other = structuredClone(stack.cluster);
      other.metadata.name = "second";
      other.spec.hosts = [{ name: "db-9", address: "10.0.0.129", hostKey: hostKey(9) }];
      other.spec.allowSingleMember = true;
      otherProxy(stack);
      stack.more.push(other);
      force(Object(stack.more[0]), "spec", {
        ...stack.haproxy.spec,
        hosts: [{ ...third }],
        clusterRef: { name: "second" },
      });
      stack.pgbouncer.spec.haproxyPoolRef = { name: "proxy-two" };
    },
    problems: [`${POOLER} spec.haproxyPoolRef.name`],
    says: /serves another cluster/,
  },
  {
    reason: "a minimum above the pool's size is refused",
    spoil: ({ pgbouncer }) => (pgbouncer.spec.minPoolSize = 21),
    problems: [`${POOLER} spec.minPoolSize`],
  },
  {
    reason: "fast checks that are slower than the others are refused",
    spoil: ({ haproxy }) => (haproxy.spec.checks = { intervalMs: 150 }),
    problems: [`${PROXY} spec.checks.fastIntervalMs`],
  },
  {
    reason: "transaction pooling without prepared statements is warned of",
    spoil: ({ pgbouncer }) => (pgbouncer.spec.maxPreparedStatements = 0),
    warnings: [`${POOLER} spec.maxPreparedStatements`],
  },
  {
    reason: "statement pooling is warned of",
    spoil: ({ pgbouncer }) => (pgbouncer.spec.poolMode = "statement"),
    warnings: [`${POOLER} spec.poolMode`],
  },
  {
    reason: "a setting of PgBouncer that a field decides is refused, and the field named",
    spoil: ({ pgbouncer }) => (pgbouncer.spec.parameters = { pool_mode: "session" }),
    problems: [`${POOLER} spec.parameters.pool_mode`],
    says: /spec\.poolMode/,
  },
  {
    reason: "a setting of PgBouncer that breaks out of its line is refused",
    spoil: ({ pgbouncer }) => (pgbouncer.spec.parameters = { application_name_add_host: "1\nauth_type=any" }),
    problems: [`${POOLER} spec.parameters.application_name_add_host`],
  },
  {
    reason: "an include in pgbouncer.ini is refused",
    spoil: ({ pgbouncer }) => (pgbouncer.spec.parameters = { "%include": "/etc/shadow" }),
    problems: [`${POOLER} spec.parameters["%include"]`],
  },
  {
    reason: "other settings of PgBouncer are accepted",
    spoil: ({ pgbouncer }) =>
      (pgbouncer.spec.parameters = { ignore_startup_parameters: "extra_float_digits", query_wait_timeout: 30 }),
  },
  {
    reason: "a choice that is none is refused",
    spoil: ({ pgbouncer }) => force(pgbouncer.spec, "poolMode", "transactions"),
    problems: [`${POOLER} spec.poolMode`],
  },
]);
