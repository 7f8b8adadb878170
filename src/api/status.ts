import type { ListSchema, ObjectSchema } from "./schema.ts";

const word = (description: string) => ({ type: "string", description }) as const;
const count = (description: string) => ({ type: "integer", format: "int64", description }) as const;
const moment = (description: string) => ({ type: "string", format: "date-time", description }) as const;
export const statusField = { word, count, moment };

const conditions = {
  type: "array",
  description: "What is true of the resource right now, one entry a type. Ready is the sum of them.",
  maxItems: 32,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["type"],
  items: {
    type: "object",
    description: "One condition, as metav1.Condition.",
    required: ["type", "status", "reason", "message", "lastTransitionTime"],
    properties: {
      type: word("What is judged, e.g. Ready or QuorumHealthy."),
      status: { type: "string", enum: ["True", "False", "Unknown"], description: "True, False or Unknown." },
      reason: word("Why, in one CamelCase word that docs/operations.md has a heading for."),
      message: word("Why, for people: the host, what it said, and when it is tried again."),
      lastTransitionTime: moment("When status last changed."),
      observedGeneration: count("The generation of the spec that was judged."),
    },
  },
} as const satisfies ListSchema;

const plan = {
  type: "array",
  description: "What pgha would do next, in words, in order. Empty when nothing is left to do.",
  maxItems: 100,
  "x-kubernetes-list-type": "atomic",
  items: word("One step."),
} as const satisfies ListSchema;

const waiting = {
  type: "object",
  description: "What pgha is waiting for. Absent when it waits for nothing.",
  required: ["for"],
  properties: {
    for: word("What it waits for, e.g. db-master-01 to answer over SSH."),
    until: moment("When it stops waiting and reports a failure."),
  },
} as const satisfies ObjectSchema;

const endpoints = {
  type: "array",
  description: "Where clients connect.",
  maxItems: 100,
  "x-kubernetes-list-type": "atomic",
  items: {
    type: "object",
    description: "One address to connect to.",
    required: ["purpose", "address", "port"],
    properties: {
      purpose: word("What it is for: read-write, read-only, pooled, stats, or direct for a member itself."),
      address: word("Address or name."),
      port: count("TCP port."),
    },
  },
} as const satisfies ListSchema;

/** What every kind reports. */
export const statusFields = {
  // No generation is that: until the first visit, kstatus would take a resource without a status for one that is done.
  observedGeneration: {
    ...count("The generation of the spec that this status is about; -1 before the first look."),
    default: -1,
  },
  phase: word("One word for people and printer columns. Programs read the conditions."),
  message: word("The most important thing to know right now."),
  conditions,
  endpoints,
  plan,
  waiting,
  acceptedSpec: word(
    "The last spec that was valid, as JSON, while the present one is not: until it is mended, hosts are " +
      "looked at by this one.",
  ),
} as const;

/** What is recorded of a host, because the world cannot tell it later. It only ever makes pgha more careful. */
export const hostIdentityFields = {
  name: word("Name of the host as in the spec."),
  address: word("Its address as in the spec."),
  hostKey: word("The host key that was seen or approved, as a public key line."),
  hostKeyFingerprint: word("Its fingerprint, as ssh-keygen -l prints it."),
  machineId: word("Content of /etc/machine-id when first seen."),
  volumeUuid: word("UUID of the filesystem at the data volume's mount path when first seen."),
  state: word("What was last seen of the host: Ready, Unreachable, Blocked and so on."),
  message: word("Why, when it is not Ready."),
  versions: {
    type: "object",
    additionalProperties: word("Version of one program."),
    maxProperties: 32,
    description: "What runs there and in which version, by program.",
  },
  upgrades: {
    type: "object",
    additionalProperties: word("Version that apt would install."),
    maxProperties: 32,
    description: "Newer versions that the host's package sources have, by package. Absent where there are none.",
  },
} as const;

export const statusHosts = {
  type: "array",
  description: "The hosts as they were last seen, with the identity recorded of each.",
  maxItems: 32,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name"],
  items: { type: "object", description: "One host.", required: ["name"], properties: hostIdentityFields },
} as const satisfies ListSchema;
