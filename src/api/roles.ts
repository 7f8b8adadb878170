import { secretRef } from "./common.ts";
import type { ListSchema } from "./schema.ts";
import { identifier } from "./strings.ts";

const off = (description: string) => ({ type: "boolean", default: false, description }) as const;

const connectionLimit = {
  type: "integer",
  format: "int32",
  minimum: -1,
  maximum: 262143,
  default: -1,
} as const;

/** spec.roles */
export const roles = {
  type: "array",
  description:
    "Roles that exist in the cluster with exactly these attributes. A role that is taken off this list is " +
    "left alone in PostgreSQL.",
  maxItems: 500,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name"],
  items: {
    type: "object",
    description: "One role.",
    required: ["name"],
    properties: {
      name: { ...identifier, description: "Name of the role." },
      login: { type: "boolean", default: true, description: "LOGIN: the role may connect, and is known to PgBouncer." },
      superuser: off("SUPERUSER: bypasses every check. Seldom right for an application."),
      createdb: off("CREATEDB: may create databases."),
      createrole: off("CREATEROLE: may create and change roles."),
      inherit: {
        type: "boolean",
        default: true,
        description: "INHERIT: has the privileges of the roles it is a member of.",
      },
      replication: off("REPLICATION: may stream WAL and take base backups."),
      bypassrls: off("BYPASSRLS: is not held by row-level security."),
      connectionLimit: {
        ...connectionLimit,
        description: "How many connections the role may have at once; -1 means no limit.",
      },
      memberOf: {
        type: "array",
        items: { ...identifier, maxLength: 63, description: "Name of a role." },
        maxItems: 100,
        "x-kubernetes-list-type": "set",
        default: [],
        description:
          "Roles this role is a member of: others of this list, or roles that PostgreSQL has from the start " +
          "such as pg_monitor.",
      },
      passwordSecretRef: {
        ...secretRef,
        description:
          "The Secret (kubernetes.io/basic-auth) with the password of the role. The default is " +
          "<cluster>-role-<name>, made with a random password when neither it nor the role exists. Another " +
          "password in it is set in PostgreSQL and the poolers.",
      },
    },
  },
} as const satisfies ListSchema;

/** spec.databases */
export const databases = {
  type: "array",
  description:
    "Databases that exist in the cluster. A database that is taken off this list is left alone in PostgreSQL.",
  maxItems: 500,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name"],
  items: {
    type: "object",
    description: "One database.",
    required: ["name", "owner"],
    properties: {
      name: { ...identifier, description: "Name of the database." },
      owner: { ...identifier, description: "The role that owns it, one of spec.roles." },
      extensions: {
        type: "array",
        items: { ...identifier, description: "Name of an extension as in CREATE EXTENSION." },
        maxItems: 100,
        "x-kubernetes-list-type": "set",
        default: [],
        description:
          "Extensions that are created in it. pgha brings PostgreSQL's own (contrib) and vector to every " +
          "member; others must be installed on the hosts.",
      },
      connectionLimit: {
        ...connectionLimit,
        description: "How many connections the database takes at once; -1 means no limit.",
      },
    },
  },
} as const satisfies ListSchema;
