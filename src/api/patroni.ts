import { timingFitsTtl } from "./rules/cel.ts";
import { immutable, immutableField } from "./rule.ts";
import type { IntegerSchema, ObjectSchema } from "./schema.ts";
import { label, port } from "./strings.ts";

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
      type: "string",
      pattern: "^[^-\\x00-\\x1f\\x7f][^\\x00-\\x1f\\x7f]*$",
      wants: "the path of a file, without control characters and not starting with '-'",
      minLength: 1,
      maxLength: 1024,
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
    ttl: seconds(
      { minimum: 20, maximum: 600, default: 30 },
      "Life of the leader's key, in seconds: after this long without a sign of life the others elect a new " +
        "leader. At least loopWait + 2*retryTimeout.",
    ),
    loopWait: seconds(
      { minimum: 1, maximum: 300, default: 10 },
      "Pause between two looks of Patroni at its PostgreSQL, in seconds.",
    ),
    retryTimeout: seconds(
      { minimum: 3, maximum: 300, default: 10 },
      "How long Patroni retries its own failed operations, in seconds. Shorter outages of the network or " +
        "the DCS do not demote the leader.",
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
