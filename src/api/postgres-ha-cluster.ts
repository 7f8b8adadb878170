import { paused, secretRef } from "./common.ts";
import { databases, roles } from "./roles.ts";
import { hostFields, ssh } from "./ssh.ts";
import { maintenance } from "./maintenance.ts";
import { container, runtime } from "./container.ts";
import { packagesOf } from "./packages.ts";
import { patroni } from "./patroni.ts";
import { postgresql } from "./postgresql.ts";
import { containerIsTold, everyVolumeIsNamed, memberCount, memberPortsOfContainer, uuidOrLabel } from "./rules/cel.ts";
import type { ObjectSchema } from "./schema.ts";
import { filesystemLabel, filesystemUuid, resourceName } from "./strings.ts";

const hosts = {
  type: "array",
  description: "The members: hosts that run PostgreSQL, Patroni and a voter of the consensus. 3 or 5.",
  minItems: 1,
  maxItems: 9,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name"],
  items: {
    type: "object",
    description: "One member.",
    required: ["name", "address"],
    properties: {
      ...hostFields,
      failoverPriority: {
        type: "integer",
        format: "int32",
        minimum: 0,
        maximum: 100,
        default: 1,
        description:
          "Of replicas with the same data the one with the highest priority is promoted. 0: never becomes leader.",
      },
      volume: {
        type: "object",
        description: "The filesystem of this host that spec.postgresql.dataVolume.mount is about.",
        rules: [uuidOrLabel],
        properties: {
          uuid: { ...filesystemUuid, description: "Its UUID, as lsblk -f shows it on that host." },
          label: { ...filesystemLabel, description: "Its label, where it is another than that of the others." },
        },
      },
    },
  },
} as const;

const credentials = {
  type: "object",
  description:
    "Where the cluster's own passwords are, if not in the Secrets with the usual names. Secrets that do not " +
    "exist are made with random passwords; passwords that exist are never changed.",
  default: {},
  properties: {
    superuserSecretRef: { ...secretRef, description: "Of the superuser postgres. Default <cluster>-superuser." },
    replicationSecretRef: {
      ...secretRef,
      description: "Of the role that replicas stream with. Default <cluster>-replication.",
    },
    rewindSecretRef: { ...secretRef, description: "Of the role that pg_rewind uses. Default <cluster>-rewind." },
    restApiSecretRef: { ...secretRef, description: "Of Patroni's REST API. Default <cluster>-patroni-api." },
    raftSecretRef: { ...secretRef, description: "The password that encrypts RAFT traffic. Default <cluster>-raft." },
  },
} as const satisfies ObjectSchema;

/** spec of a PostgresHACluster */
export const clusterSpec = {
  type: "object",
  description: "What the cluster should look like.",
  required: ["ssh", "hosts", "postgresql"],
  rules: [memberCount, everyVolumeIsNamed, containerIsTold, memberPortsOfContainer],
  properties: {
    ssh,
    hosts,
    allowSingleMember: {
      type: "boolean",
      default: false,
      description: "True acknowledges that a cluster of one host has no high availability at all. For trials.",
    },
    runtime: {
      ...runtime,
      description:
        `${runtime.description} Members move from one to the other on the same data, one at a time, as a restart, ` +
        "where the same version of PostgreSQL and the same libraries that order text are on both sides.",
    },
    container,
    postgresql,
    patroni,
    credentials,
    roles: { ...roles, default: [] },
    databases: { ...databases, default: [] },
    packages: packagesOf(
      "PostgreSQL and Patroni",
      "they are installed where members may be restarted as well (spec.disruption; the command line asks): one " +
        "member at a time, standbys first, each restarted before the next, who leads last and once another leads.",
    ),
    maintenance,
    disruption: {
      type: "string",
      enum: ["Wait", "Allow"],
      default: "Wait",
      description:
        "Whether the operator may restart members for what takes a restart: a changed setting, a newer " +
        "PostgreSQL. Wait: it says what waits, and restarts them when the annotation " +
        "pgha.keybuzz.io/restart-at asks for it. Allow: it does so by itself, one at a time. The command " +
        "line shows restarts in its plan and asks.",
    },
    deletionPolicy: {
      type: "string",
      enum: ["Retain", "Stop", "Purge"],
      default: "Retain",
      description:
        "What happens on the hosts when this resource is deleted. Retain: nothing, the cluster goes on " +
        "serving. Stop: Patroni and PostgreSQL are stopped and disabled, data stays. Purge: the data is " +
        "deleted too, and purgeConfirmation is required.",
    },
    purgeConfirmation: {
      ...resourceName,
      description:
        "The cluster's own name, to say that its data may really be deleted. Required by deletionPolicy Purge.",
    },
    paused,
  },
} as const satisfies ObjectSchema;
