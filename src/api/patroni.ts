import { timingFitsTtl, timingIsOfOne } from "./rules/cel.ts";
import { immutable, immutableField } from "./rule.ts";
import type { IntegerSchema, ObjectSchema } from "./schema.ts";
import { label, localFile, port } from "./strings.ts";

const seconds = <const Fields extends Pick<IntegerSchema, "minimum" | "maximum" | "default">>(
  fields: Fields,
  description: string,
) => ({ type: "integer", format: "int32", ...fields, description }) as const;

const raft = {
  type: "object",
  description:
    "Patroni's built-in consensus over the members themselves. Deprecated upstream, and safe for a fixed " +
    "set of members, which is what pgha keeps.",
  default: {},
  properties: {
    port: {
      ...port,
      default: 7000,
      rules: [
        immutable(
          "patroni.dcs.raft.port",
          "a member at another port is a new member to RAFT and the quorum is lost; put the old port back",
        ),
      ],
      description: "Port on which the members talk to each other.",
    },
    pysyncobj: {
      type: "string",
      enum: ["pinned", "distribution"],
      default: "pinned",
      description:
        "Which PySyncObj Patroni runs on. pinned: 0.3.17, brought by pgha and seen by Patroni alone. " +
        "distribution: the package of the distribution, whose versions lose acknowledged writes when " +
        "members restart; a condition warns of it.",
    },
    pysyncobjFile: {
      ...localFile,
      description:
        "Path of the PySyncObj sdist where pgha runs, for sites that can't reach PyPI. Its sha256 is " +
        "checked either way.",
    },
  },
} as const satisfies ObjectSchema;

/** spec.patroni */
export const patroni = {
  type: "object",
  description: "How Patroni watches over the cluster and decides on a failover.",
  default: {},
  rules: [
    timingFitsTtl,
    timingIsOfOne,
    immutableField(
      "scope",
      "patroni.scope",
      "a cluster under another scope is a new cluster to Patroni; put the old value back",
    ),
  ],
  properties: {
    scope: {
      ...label,
      description:
        "Name of the cluster inside Patroni; the default is metadata.name. Set it to adopt a cluster that " +
        "has another name.",
    },
    failover: {
      type: "string",
      enum: ["Standard", "Fast"],
      default: "Standard",
      description:
        "How soon another member leads when the leader's host is gone: after about 30 seconds, or 20. It sets ttl, " +
        "loopWait and retryTimeout, and in the pools that lead to this cluster how often a server that is down is " +
        "asked (checks.downIntervalMs) and a login tried again. Fast bears shorter outages of the network, and less " +
        "of a difference between clocks.",
    },
    ttl: seconds(
      { minimum: 20, maximum: 600 },
      "Life of the leader's key, in seconds: after this long without a sign of life the others elect a new " +
        "leader. At least loopWait + 2*retryTimeout. The default is 30; failover Fast has 20, and takes no other.",
    ),
    loopWait: seconds(
      { minimum: 1, maximum: 300 },
      "Pause between two looks of Patroni at its PostgreSQL, in seconds. The default is 10; failover Fast has 6, and " +
        "takes no other.",
    ),
    retryTimeout: seconds(
      { minimum: 3, maximum: 300 },
      "How long Patroni retries its own failed operations, in seconds. Shorter outages of the network or " +
        "the DCS do not demote the leader. The default is 10; failover Fast has 7, and takes no other.",
    ),
    maximumLagOnFailoverBytes: {
      type: "integer",
      format: "int64",
      minimum: 0,
      maximum: 1099511627776,
      default: 1048576,
      description: "A replica that lags more than this is not promoted, in bytes.",
    },
    primaryStartTimeout: seconds(
      { minimum: 0, maximum: 3600, default: 60 },
      "How long a crashed leader may take to recover before a replica takes over, in seconds. 0 fails over at once.",
    ),
    synchronousMode: {
      type: "string",
      enum: ["disabled", "enabled"],
      default: "disabled",
      description:
        "enabled: a commit waits for one replica, and only that replica may be promoted. disabled: a " +
        "failover can lose the last transactions. (Not on and off, which YAML reads as booleans.)",
    },
    autoReinit: {
      type: "string",
      enum: ["disabled", "enabled"],
      default: "disabled",
      description:
        "What becomes of a replica whose data are of no use any more: its PostgreSQL does not start, or it left the " +
        "leader's history and Patroni's pg_rewind did not bring it back. disabled: pgha says so and how to copy it " +
        "anew. enabled: pgha has Patroni delete that copy and make another from the leader, one member at a time, " +
        "and not what may hold more than the leader has.",
    },
    preferredLeader: {
      ...label,
      description:
        "Name of the member that leads again once a restart of members by pgha is over: its last step is a " +
        "switchover to this one. Who leads after a failover, or after a switchover that somebody asked for, is left " +
        "alone. Left out, whoever leads then goes on.",
    },
    restApi: {
      type: "object",
      description: "Patroni's REST API on each member, which HAProxy asks who leads. Unsafe verbs need a password.",
      default: {},
      properties: { port: { ...port, default: 8008, description: "Port of the REST API." } },
    },
    dcs: {
      type: "object",
      description: "Where the members agree on who leads.",
      default: {},
      properties: { raft },
    },
  },
} as const satisfies ObjectSchema;
