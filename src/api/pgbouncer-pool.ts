import { clientEndpoint, clusterRef, parameterValue, paused, poolDataVolume, poolDeletionPolicy } from "./common.ts";
import { container, runtime } from "./container.ts";
import { containerIsTold, minimumFitsPool, poolerPortOfContainer } from "./rules/cel.ts";
import { packagesOf } from "./packages.ts";
import type { ObjectSchema } from "./schema.ts";
import { poolHosts, ssh } from "./ssh.ts";
import { statusField, statusFields, statusHosts } from "./status.ts";
import { port, resourceName } from "./strings.ts";

/** spec of a PgBouncerPool */
export const pgbouncerSpec = {
  type: "object",
  description: "What the pool should look like.",
  required: ["clusterRef", "ssh", "hosts"],
  rules: [minimumFitsPool, containerIsTold, poolerPortOfContainer],
  properties: {
    clusterRef,
    haproxyPoolRef: {
      type: "object",
      description:
        "The HAProxyPool to connect through. The default is the one of the same cluster that runs on the " +
        "same hosts; it is then reached over loopback.",
      required: ["name"],
      properties: { name: { ...resourceName, description: "Name of the HAProxyPool." } },
    },
    ssh,
    hosts: poolHosts,
    runtime,
    container,
    clientEndpoint,
    dataVolume: poolDataVolume,
    port: { ...port, default: 6432, description: "Port that PgBouncer opens." },
    poolMode: {
      type: "string",
      enum: ["session", "transaction", "statement"],
      default: "transaction",
      description:
        "When a server connection goes back to the pool: at the end of the session, of the transaction, or " +
        "of each statement.",
    },
    defaultPoolSize: {
      type: "integer",
      format: "int32",
      minimum: 1,
      maximum: 10000,
      default: 20,
      description: "Server connections for each pair of role and database, per host.",
    },
    minPoolSize: {
      type: "integer",
      format: "int32",
      minimum: 0,
      maximum: 10000,
      default: 0,
      description: "Server connections that are kept open for each pair, per host. At most defaultPoolSize.",
    },
    reservePoolSize: {
      type: "integer",
      format: "int32",
      minimum: 0,
      maximum: 10000,
      default: 5,
      description: "Further connections for a pair whose clients wait too long, per host.",
    },
    maxClientConnections: {
      type: "integer",
      format: "int32",
      minimum: 1,
      maximum: 1000000,
      default: 1000,
      description: "How many clients one PgBouncer takes at once.",
    },
    maxDatabaseConnections: {
      type: "integer",
      format: "int32",
      minimum: 0,
      maximum: 10000,
      default: 0,
      description: "Server connections per database and host, whatever the role; 0 means no limit.",
    },
    maxPreparedStatements: {
      type: "integer",
      format: "int32",
      minimum: 0,
      maximum: 10000,
      default: 200,
      description:
        "Prepared statements that PgBouncer tracks per server connection so that they work with transaction " +
        "pooling; 0 turns this off.",
    },
    serverIdleTimeoutSeconds: {
      type: "integer",
      format: "int32",
      minimum: 0,
      maximum: 86400,
      default: 600,
      description:
        "A server connection that is idle for this long is closed, in seconds; 0 keeps it. Below the " +
        "HAProxy pool's client and server timeouts.",
    },
    drainSeconds: {
      type: "integer",
      format: "int32",
      minimum: 0,
      maximum: 86400,
      default: 300,
      description:
        "When PgBouncer has to be restarted, its process goes on serving the clients that are connected to it for " +
        "so long beside the new one, in seconds; of a changed port it takes new clients as well. Who is " +
        "connected still is disconnected then, between two transactions. 0: every restart disconnects at once.",
    },
    packages: packagesOf(
      "PgBouncer",
      "one host after the other; each restarts, and drainSeconds says what becomes of the clients that are connected.",
    ),
    parameters: {
      type: "object",
      additionalProperties: parameterValue,
      maxProperties: 100,
      default: {},
      description: "More settings for the [pgbouncer] section of pgbouncer.ini. What pgha decides is refused.",
    },
    deletionPolicy: poolDeletionPolicy,
    paused,
  },
} as const satisfies ObjectSchema;

/** status of a PgBouncerPool */
export const pgbouncerStatus = {
  type: "object",
  description: "What pgha last observed. Written by pgha alone.",
  default: {},
  properties: {
    ...statusFields,
    readyHosts: statusField.word("Hosts that serve, of all: 2/2."),
    hosts: statusHosts,
  },
} as const satisfies ObjectSchema;
