import { clientEndpoint, clusterRef, paused, poolDataVolume, poolDeletionPolicy } from "./common.ts";
import { container, runtime } from "./container.ts";
import { containerIsTold, distinctProxyPorts, fastChecksAreFast, proxyPortsOfContainer } from "./rules/cel.ts";
import { packagesOf } from "./packages.ts";
import type { ObjectSchema } from "./schema.ts";
import { poolHosts, ssh } from "./ssh.ts";
import { statusField, statusFields, statusHosts } from "./status.ts";
import { address, cidr, port } from "./strings.ts";

const checks = {
  type: "object",
  description: "How HAProxy asks Patroni's REST API which member leads and which are healthy replicas.",
  default: {},
  rules: [fastChecksAreFast],
  properties: {
    intervalMs: {
      type: "integer",
      format: "int32",
      minimum: 100,
      maximum: 60000,
      default: 1000,
      description: "Time between two checks of a server, in milliseconds.",
    },
    fastIntervalMs: {
      type: "integer",
      format: "int32",
      minimum: 50,
      maximum: 60000,
      default: 200,
      description:
        "Time between two checks while a server is changing from up to down or back, in milliseconds. At " +
        "most intervalMs.",
    },
    downIntervalMs: {
      type: "integer",
      format: "int32",
      minimum: 50,
      maximum: 60000,
      description:
        "Time between two checks of a server that is down, in milliseconds: who comes to lead is down until then. " +
        "The default is intervalMs, and fastIntervalMs where the cluster has failover Fast.",
    },
    rise: {
      type: "integer",
      format: "int32",
      minimum: 1,
      maximum: 100,
      default: 2,
      description: "Good checks in a row that bring a server up.",
    },
    fall: {
      type: "integer",
      format: "int32",
      minimum: 1,
      maximum: 100,
      default: 2,
      description: "Bad checks in a row that take a server down. Its sessions are closed then.",
    },
  },
} as const satisfies ObjectSchema;

const timeouts = {
  type: "object",
  description: "Timeouts of HAProxy.",
  default: {},
  properties: {
    connectSeconds: {
      type: "integer",
      format: "int32",
      minimum: 1,
      maximum: 60,
      default: 2,
      description: "How long to wait for a server to accept a connection, in seconds.",
    },
    checkSeconds: {
      type: "integer",
      format: "int32",
      minimum: 1,
      maximum: 60,
      default: 2,
      description: "How long to wait for the answer to a check, in seconds.",
    },
    clientSeconds: {
      type: "integer",
      format: "int32",
      minimum: 10,
      maximum: 604800,
      default: 3600,
      description:
        "A client that is silent for this long is cut off, in seconds. Above the pooler's serverIdleTimeoutSeconds.",
    },
    serverSeconds: {
      type: "integer",
      format: "int32",
      minimum: 10,
      maximum: 604800,
      default: 3600,
      description:
        "A server that is silent for this long is cut off, in seconds. Above the pooler's serverIdleTimeoutSeconds.",
    },
    drainSeconds: {
      type: "integer",
      format: "int32",
      minimum: 0,
      maximum: 3600,
      default: 15,
      description:
        "How long sessions of the read port may take to leave a member that is about to be restarted or to lead, in " +
        "seconds. New ones go to other replicas meanwhile; those that stay longer are disconnected. 0: nobody is " +
        "asked to leave.",
    },
  },
} as const satisfies ObjectSchema;

/** spec of an HAProxyPool */
export const haproxySpec = {
  type: "object",
  description: "What the pool should look like.",
  required: ["clusterRef", "ssh", "hosts"],
  rules: [containerIsTold, proxyPortsOfContainer],
  properties: {
    clusterRef,
    ssh,
    hosts: poolHosts,
    runtime,
    container,
    clientEndpoint: {
      ...clientEndpoint,
      properties: {
        ...clientEndpoint.properties,
        port: { ...port, description: "Port there for writes. The default is ports.write." },
        readPort: { ...port, description: "Port there for reads. The default is ports.read." },
      },
    },
    dataVolume: poolDataVolume,
    ports: {
      type: "object",
      description: "Ports that HAProxy opens.",
      default: {},
      rules: [distinctProxyPorts],
      properties: {
        write: { ...port, default: 5432, description: "Leads to the member that leads." },
        read: { ...port, default: 5433, description: "Leads to healthy replicas, evenly." },
        stats: { ...port, default: 8404, description: "The statistics page: read only, private." },
      },
    },
    bindAddresses: {
      type: "array",
      items: { ...address, description: "An address of the host, or a name that resolves to one there." },
      minItems: 1,
      maxItems: 16,
      "x-kubernetes-list-type": "set",
      description:
        "Addresses that HAProxy listens on, on every host. The default is the host's own address and " +
        "loopback, which a pooler on the same host uses.",
    },
    statsNetworks: {
      type: "array",
      items: { ...cidr, description: "A network in CIDR notation." },
      maxItems: 100,
      "x-kubernetes-list-type": "set",
      default: [],
      description: "Networks that may read the statistics page, besides loopback and the hosts of the cluster.",
    },
    checks,
    timeouts,
    packages: packagesOf("HAProxy", "one host after the other; the new program takes over with every session kept."),
    maxConnections: {
      type: "integer",
      format: "int32",
      minimum: 10,
      maximum: 1000000,
      default: 2000,
      description: "How many client connections one HAProxy takes at once.",
    },
    deletionPolicy: poolDeletionPolicy,
    paused,
  },
} as const satisfies ObjectSchema;

/** status of an HAProxyPool */
export const haproxyStatus = {
  type: "object",
  description: "What pgha last observed. Written by pgha alone.",
  default: {},
  properties: {
    ...statusFields,
    readyHosts: statusField.word("Hosts that serve, of all: 2/2."),
    hosts: statusHosts,
  },
} as const satisfies ObjectSchema;
