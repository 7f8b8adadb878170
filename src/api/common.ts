import type { ObjectSchema } from "./schema.ts";
import { immutable } from "./rule.ts";
import { absolutePath, address, port, resourceName, secretName } from "./strings.ts";

/** The cluster that a resource belongs to; `wayOut` says how another is had. */
export function clusterRefOf(description: string, wayOut: string) {
  return {
    type: "object",
    description,
    required: ["name"],
    properties: {
      name: {
        ...resourceName,
        rules: [immutable("clusterRef", wayOut)],
        description: "Name of the PostgresHACluster.",
      },
    },
  } as const satisfies ObjectSchema;
}

export const clusterRef = clusterRefOf(
  "The PostgresHACluster in the same namespace that this pool serves.",
  "make a new pool for the other cluster, then delete this one",
);

export const dataVolumeFields = {
  mountPath: {
    ...absolutePath,
    description:
      "Where the volume is mounted on each host. pgha checks that it is a mount point and records its UUID; " +
      "it never formats anything.",
  },
  filesystem: {
    type: "string",
    enum: ["xfs", "ext4", "btrfs", "zfs"],
    description: "The filesystem that must be there. Left out, any is accepted.",
  },
} as const;

/** A volume that pool hosts may be asked to have. */
export const poolDataVolume = {
  type: "object",
  description:
    "A volume that must be mounted on each host of this pool before anything is installed there. Left out, " +
    "no volume is asked for.",
  required: ["mountPath"],
  properties: dataVolumeFields,
} as const satisfies ObjectSchema;

/** Where clients are led, if it is none of the hosts: ports that are left out are those that the hosts open. */
export const clientEndpoint = {
  type: "object",
  description:
    "The one name or address that clients use for all hosts of this pool: a virtual IP, a load balancer, a " +
    "DNS name. It goes into the Secrets and the status in place of the hosts. pgha does not set it up.",
  required: ["host"],
  properties: {
    host: { ...address, description: "DNS name, IPv4 or IPv6 address." },
    port: { ...port, description: "Port there. The default is the port that the hosts open." },
  },
} as const satisfies ObjectSchema;

export const secretRef = {
  type: "object",
  description: "A Secret of type kubernetes.io/basic-auth in the same namespace.",
  required: ["name"],
  properties: { name: { ...secretName, description: "Name of the Secret." } },
} as const satisfies ObjectSchema;

export const paused = {
  type: "boolean",
  default: false,
  description:
    "True: pgha looks and reports, and touches nothing until this is false again. The services keep running.",
} as const;

export const poolDeletionPolicy = {
  type: "string",
  enum: ["Retain", "Stop", "Purge"],
  default: "Retain",
  description:
    "What happens on the hosts when this resource is deleted. Retain: nothing, the service goes on. Stop: " +
    "the service is stopped and disabled. Purge: stopped, and the files that pgha made are removed.",
} as const;

/** A parameter map: whole numbers as they are, everything else as a string, as in the program's own file. */
export const parameterValue = {
  "x-kubernetes-int-or-string": true,
  maxLength: 4096,
  description: "A whole number, or a string as it would stand in the file, e.g. 256MB or 'on'.",
} as const;
