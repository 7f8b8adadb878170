import type { Kind } from "./kinds.ts";

/** What stands in CRDs beside the schema: how a kind is called and what `kubectl get` shows of it. */
export interface KindNames {
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly columns: readonly Column[];
}

export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "date";
  readonly jsonPath: string;
  readonly description?: string;
  /** 1: only with -o wide. */
  readonly priority?: 1;
}

const ready: Column = {
  name: "Ready",
  type: "string",
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
  description: "Whether all is as the spec says.",
};
const status: Column = {
  name: "Status",
  type: "string",
  jsonPath: ".status.phase",
  description: "One word on what is going on.",
};
const message: Column = {
  name: "Message",
  type: "string",
  jsonPath: ".status.message",
  description: "The most important thing to know.",
  priority: 1,
};
const age: Column = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };
const cluster: Column = {
  name: "Cluster",
  type: "string",
  jsonPath: ".spec.clusterRef.name",
  description: "The PostgresHACluster it serves.",
};
const hosts: Column = {
  name: "Hosts",
  type: "string",
  jsonPath: ".status.readyHosts",
  description: "Hosts that serve, of all.",
};

export const KIND_NAMES: Readonly<Record<Kind, KindNames>> = {
  PostgresHACluster: {
    plural: "postgreshaclusters",
    singular: "postgreshacluster",
    // Not pgha: that is the category, and kubectl refuses to edit what could mean several kinds.
    shortNames: ["pghac"],
    columns: [
      ready,
      status,
      { name: "Leader", type: "string", jsonPath: ".status.leader", description: "The member that leads." },
      { name: "Members", type: "string", jsonPath: ".status.readyMembers", description: "Members that serve, of all." },
      {
        name: "PG",
        type: "integer",
        jsonPath: ".spec.postgresql.version",
        description: "Major version of PostgreSQL.",
      },
      age,
      {
        name: "Lag",
        type: "integer",
        jsonPath: ".status.lagBytes",
        description: "The largest lag of a replica, in bytes.",
        priority: 1,
      },
      {
        name: "Skew",
        type: "string",
        jsonPath: '.status.conditions[?(@.type=="VersionSkew")].status',
        description: "Whether members in containers run from different images.",
        priority: 1,
      },
      message,
    ],
  },
  HAProxyPool: {
    plural: "haproxypools",
    singular: "haproxypool",
    shortNames: ["hap"],
    columns: [
      ready,
      status,
      cluster,
      hosts,
      { name: "Write", type: "integer", jsonPath: ".spec.ports.write", description: "Port that leads to the leader." },
      { name: "Read", type: "integer", jsonPath: ".spec.ports.read", description: "Port that leads to replicas." },
      age,
      message,
    ],
  },
  PgBouncerPool: {
    plural: "pgbouncerpools",
    singular: "pgbouncerpool",
    shortNames: ["pgb"],
    columns: [
      ready,
      status,
      cluster,
      hosts,
      {
        name: "Mode",
        type: "string",
        jsonPath: ".spec.poolMode",
        description: "When a connection goes back to the pool.",
      },
      { name: "Port", type: "integer", jsonPath: ".spec.port", description: "Port that clients use." },
      age,
      message,
    ],
  },
  HostBaseline: {
    plural: "hostbaselines",
    singular: "hostbaseline",
    shortNames: ["hbl"],
    columns: [
      ready,
      status,
      { ...cluster, description: "The PostgresHACluster whose stack's hosts are meant." },
      { ...hosts, description: "Hosts where all of it is in force, of all." },
      age,
      message,
    ],
  },
};
