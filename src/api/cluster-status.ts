import type { ObjectSchema } from "./schema.ts";
import { statusField, statusFields, statusHosts } from "./status.ts";

const { word, count } = statusField;

const member = {
  type: "object",
  description: "One member.",
  required: ["name"],
  properties: {
    name: word("Name of the host that carries it."),
    role: word(
      "leader, replica, sync_standby, standby_leader or unknown: one spelling whatever Patroni's version says.",
    ),
    state: word("State as Patroni reports it, e.g. running or streaming; unreachable when it could not be asked."),
    timeline: count("Timeline it is on."),
    lagBytes: count("How far its replay is behind the leader, in bytes. Absent when unknown."),
    pendingRestart: { type: "boolean", description: "A setting waits for a restart of this member." },
    version: word("Version of the PostgreSQL that runs."),
  },
} as const satisfies ObjectSchema;

/** status of a PostgresHACluster */
export const clusterStatus = {
  type: "object",
  description: "What pgha last observed. Written by pgha alone.",
  default: {},
  properties: {
    ...statusFields,
    scope: word("Name of the cluster inside Patroni."),
    leader: word("Name of the member that leads."),
    systemId: word("PostgreSQL's system identifier, recorded when first seen. Members with another one are refused."),
    timeline: count("Timeline of the leader."),
    readyMembers: word("Members that serve, of all: 3/3."),
    lagBytes: count("The largest known lag of a replica, in bytes."),
    voting: {
      type: "object",
      description:
        "Whom RAFT counts, whether the spec lists them or not. Writes stop when fewer than quorum are connected.",
      required: ["voters", "connected", "quorum", "mayFail"],
      properties: {
        voters: count("Voters that RAFT counts."),
        connected: count("Those of them that are up and see each other."),
        quorum: count("Votes that a decision takes."),
        mayFail: count("How many of the connected may still fail before nothing can be written."),
      },
    },
    undeclared: {
      type: "array",
      description: "Members that RAFT or Patroni counts, or that pgha set up, and that the spec does not list.",
      maxItems: 32,
      "x-kubernetes-list-type": "set",
      items: {
        type: "string",
        maxLength: 253,
        description: "Name of a host, or its RAFT node where no name is known.",
      },
    },
    members: {
      type: "array",
      description: "Every member as it was last seen.",
      maxItems: 32,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: member,
    },
    hosts: statusHosts,
    names: {
      type: "array",
      description:
        "Of hosts that are given by name, the addresses that pg_hba.conf lets in. They stay while a name " +
        "means nothing.",
      maxItems: 128,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: {
        type: "object",
        description: "One name.",
        required: ["name"],
        properties: {
          name: { type: "string", maxLength: 253, description: "The name." },
          addresses: {
            type: "array",
            description: "Addresses.",
            maxItems: 64,
            "x-kubernetes-list-type": "set",
            items: { type: "string", maxLength: 64, description: "An address." },
          },
        },
      },
    },
    declared: {
      type: "object",
      description:
        "Roles, databases and extensions that were declared and exist. What is off the list stays in " +
        "PostgreSQL, and is warned of.",
      properties: {
        roles: {
          type: "array",
          description: "Names of roles.",
          maxItems: 1024,
          "x-kubernetes-list-type": "set",
          items: { type: "string", maxLength: 63, description: "Name of a role." },
        },
        databases: {
          type: "array",
          description: "Databases.",
          maxItems: 1024,
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: {
            type: "object",
            description: "One database.",
            required: ["name"],
            properties: {
              name: { type: "string", maxLength: 63, description: "Its name." },
              extensions: {
                type: "array",
                description: "Names of extensions in it.",
                maxItems: 256,
                "x-kubernetes-list-type": "set",
                items: { type: "string", maxLength: 63, description: "Name of an extension." },
              },
            },
          },
        },
      },
    },
    bootstrapIntent: {
      type: "object",
      description:
        "The record of the first bootstrap, which happens once. Written before it; while its outcome is " +
        "unknown nothing is bootstrapped again.",
      required: ["startedAt", "members"],
      properties: {
        startedAt: { type: "string", format: "date-time", description: "When it was begun." },
        members: {
          type: "array",
          description: "Names of the hosts that took part.",
          maxItems: 32,
          "x-kubernetes-list-type": "set",
          items: { type: "string", maxLength: 63, description: "Name of a host." },
        },
        outcome: word("succeeded or failed, once it is known."),
      },
    },
    operation: {
      type: "object",
      description:
        "The restart of members that is under way. Written before the first of them, gone once a look sees " +
        "that it is over.",
      required: ["id", "kind", "since", "members"],
      properties: {
        id: { type: "string", maxLength: 1024, description: "What asked for it." },
        kind: word("restart."),
        since: { type: "string", format: "date-time", description: "When it was decided." },
        members: {
          type: "array",
          description: "Whom it is about.",
          maxItems: 32,
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: {
            type: "object",
            description: "One member.",
            required: ["name"],
            properties: {
              name: { type: "string", maxLength: 253, description: "Name of the host that carries it." },
              asked: {
                type: "boolean",
                description: "It is to restart in any case; else only while a setting or a program waits for that.",
              },
              postmaster: word(
                "Process and start time of the PostgreSQL that ran then; another one is a restart since.",
              ),
            },
          },
        },
      },
    },
    restartedAt: {
      type: "string",
      maxLength: 1024,
      description: "The last value of the annotation restart-at that was met.",
    },
    switchover: {
      type: "object",
      description:
        "The switchover that is under way. Written before its first act, gone once a look sees that another " +
        "member leads.",
      required: ["id", "since", "from"],
      properties: {
        id: { type: "string", maxLength: 1024, description: "What asked for it." },
        since: { type: "string", format: "date-time", description: "When it was decided." },
        from: word("Name of the member that led then."),
        to: word("Name of the member that is to lead. Absent where any may."),
        force: { type: "boolean", description: "Transactions that do not end in time are cut." },
      },
    },
    switchedTo: {
      type: "string",
      maxLength: 1024,
      description: "The last value of the annotation switchover-to that was met.",
    },
    reinit: {
      type: "object",
      description:
        "The copy of the data that was given up by autoReinit. Written before that, gone once a look sees its member " +
        "stream.",
      required: ["member", "since", "copy"],
      properties: {
        member: { type: "string", maxLength: 253, description: "Name of the host that carries it." },
        since: { type: "string", format: "date-time", description: "When it was decided." },
        copy: word("Which copy it was: inode and time of the file PG_VERSION."),
      },
    },
  },
} as const satisfies ObjectSchema;
