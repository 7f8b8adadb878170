import { SPEC_SCHEMAS, STATUS_SCHEMAS, type Kind } from "./kinds.ts";
import type { Rule } from "./rule.ts";
import { purgeIsConfirmed } from "./rules/cel.ts";
import type { ObjectSchema } from "./schema.ts";
import { resourceName } from "./strings.ts";

/** What stands above the fields of a kind, in `kubectl explain` and in docs/kinds. */
export const KIND_DESCRIPTIONS: Readonly<Record<Kind, string>> = {
  PostgresHACluster:
    "A highly available PostgreSQL: one leader and its replicas on hosts of one's own, watched over by " +
    "Patroni, with roles and databases.",
  HAProxyPool:
    "HAProxy on one or more hosts, as the way in to a PostgresHACluster: one port that leads to the leader, " +
    "one that leads to replicas.",
  PgBouncerPool:
    "PgBouncer on one or more hosts: connection pooling for the roles of a PostgresHACluster, through an HAProxyPool.",
  HostBaseline:
    "What the hosts of a stack are like below its services: packages, time zone, kernel settings, firewall. It " +
    "lists no hosts: those of the cluster and of its pools are meant.",
};

const ROOT_RULES: Readonly<Partial<Record<Kind, readonly Rule[]>>> = { PostgresHACluster: [purgeIsConfirmed] };

/** metadata.name is all that a CRD may restrict of metadata. */
export const metadataName = {
  ...resourceName,
  description: "Name of the resource. Names of Secrets and of the cluster inside Patroni are made from it.",
} as const;

/** The whole resource but apiVersion, kind and metadata, with the rules that need more than spec. */
export function rootSchema(kind: Kind): ObjectSchema {
  return {
    type: "object",
    description: KIND_DESCRIPTIONS[kind],
    required: ["spec"],
    properties: { spec: SPEC_SCHEMAS[kind], status: STATUS_SCHEMAS[kind] },
    rules: ROOT_RULES[kind] ?? [],
  };
}
