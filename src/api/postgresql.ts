import { parameterValue, dataVolumeFields } from "./common.ts";
import { dataDirectoryInsideVolume, modesAreQuoted, uuidOrLabel } from "./rules/cel.ts";
import { immutable, immutableField } from "./rule.ts";
import type { ObjectSchema } from "./schema.ts";
import { absolutePath, cidr, filesystemLabel, filesystemUuid, port } from "./strings.ts";

const hbaLine = {
  type: "string",
  pattern: "^[!-~][ -~]*$",
  wants: "one line of pg_hba.conf in printable ASCII",
  minLength: 1,
  maxLength: 1000,
  description: "One line of pg_hba.conf, e.g. 'host all all 192.0.2.0/24 scram-sha-256'.",
} as const;

const mount = {
  type: "object",
  description:
    "Has pgha mount a filesystem that exists, now and with each boot, where nothing is mounted and nothing lies. " +
    "Left out, it is mounted by whoever set the host up. pgha never formats, repairs or unmounts anything.",
  rules: [uuidOrLabel],
  properties: {
    label: { ...filesystemLabel, description: "Its label, the same on each host." },
    uuid: {
      ...filesystemUuid,
      description: "Its UUID, in a cluster of one host. Where there are several, each names its own in hosts[].volume.",
    },
    options: {
      type: "array",
      items: {
        type: "string",
        pattern: "^[a-z][A-Za-z0-9_.=:+-]*$",
        wants: "one option of mount(8) such as noatime, without commas",
        minLength: 1,
        maxLength: 100,
        description: "One option.",
      },
      maxItems: 20,
      "x-kubernetes-list-type": "set",
      description: "Options of mount(8) beside nofail, which is always among them.",
    },
  },
} as const satisfies ObjectSchema;

/** spec.postgresql */
export const postgresql = {
  type: "object",
  description: "The PostgreSQL that runs on every host of the cluster.",
  required: ["version", "dataVolume"],
  rules: [
    dataDirectoryInsideVolume,
    immutableField(
      "dataDirectory",
      "postgresql.dataDirectory",
      "data is not moved by editing a field; put the old value back",
    ),
  ],
  properties: {
    version: {
      type: "integer",
      format: "int32",
      minimum: 13,
      maximum: 18,
      rules: [
        immutable("postgresql.version", "a major upgrade is not done by editing a field; put the old version back"),
      ],
      description:
        "Major version of PostgreSQL. The package source must have it: Debian 12 ships 15, Debian 13 ships 17.",
    },
    packageSource: {
      type: "string",
      enum: ["distribution", "pgdg"],
      default: "distribution",
      description:
        "Where packages come from: the distribution's own archive, or apt.postgresql.org (PGDG) with its " +
        "signing key pinned.",
    },
    port: {
      ...port,
      default: 5432,
      rules: [immutable("postgresql.port", "members would stop finding each other; put the old port back")],
      description: "Port of PostgreSQL on the members. Clients use the ports of the pools instead.",
    },
    dataVolume: {
      type: "object",
      description: "The volume that holds the data. It must be mounted before anything is installed.",
      required: ["mountPath"],
      properties: {
        ...dataVolumeFields,
        mount,
        mountPath: {
          ...dataVolumeFields.mountPath,
          rules: [
            immutable("postgresql.dataVolume.mountPath", "data is not moved by editing a field; put the old path back"),
          ],
        },
      },
    },
    dataDirectory: {
      ...absolutePath,
      description:
        "PGDATA, strictly below dataVolume.mountPath; the default is <mountPath>/pgdata. Never the mount " +
        "point itself: Patroni must be able to rename it, and initdb refuses lost+found.",
    },
    parameters: {
      type: "object",
      additionalProperties: parameterValue,
      maxProperties: 200,
      rules: [modesAreQuoted],
      default: {},
      description:
        "Settings of postgresql.conf, each checked against what PostgreSQL of this version says of it. What " +
        "Patroni or pgha decides (port, listen_addresses, primary_conninfo and so on) is refused. Those " +
        "that need a restart (max_connections, shared_buffers) are set, and members restart one at a time: " +
        "by command line once the plan that shows it is approved, by the operator as spec.disruption says.",
    },
    clientNetworks: {
      type: "array",
      items: { ...cidr, description: "A network in CIDR notation." },
      maxItems: 100,
      "x-kubernetes-list-type": "set",
      default: [],
      description:
        "Networks from which the declared roles may log in to PostgreSQL directly, by password " +
        "(scram-sha-256). The cluster's own hosts and its pools are always admitted.",
    },
    additionalHba: {
      type: "array",
      items: hbaLine,
      maxItems: 200,
      "x-kubernetes-list-type": "atomic",
      default: [],
      description:
        "More lines for pg_hba.conf, one a line. They come after pgha's own, and the first line that matches wins.",
    },
    dataChecksums: {
      type: "boolean",
      default: true,
      description: "Whether initdb turns on page checksums. Only looked at when the cluster is created.",
    },
    encoding: {
      type: "string",
      pattern: "^[A-Za-z][A-Za-z0-9_]*$",
      wants: "the name of a character set of PostgreSQL such as UTF8",
      minLength: 1,
      maxLength: 32,
      default: "UTF8",
      description: "Encoding of the template databases. Only looked at when the cluster is created.",
    },
    locale: {
      type: "string",
      pattern: "^[A-Za-z][A-Za-z0-9_.@-]*$",
      wants: "the name of a locale such as C.UTF-8 or en_US.UTF-8",
      minLength: 1,
      maxLength: 64,
      default: "C.UTF-8",
      description:
        "Locale of the template databases; it must exist on every host. Only looked at when the cluster is created.",
    },
  },
} as const satisfies ObjectSchema;
