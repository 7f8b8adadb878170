import { rule } from "../rule.ts";

/** Cross-field rules that the API server checks as well. Each is attached to its place in a schema. */

export const memberCount = rule<{ readonly hosts: readonly unknown[]; readonly allowSingleMember: boolean }>({
  cel: "size(self.hosts) == 1 ? self.allowSingleMember : size(self.hosts) >= 3 && size(self.hosts) % 2 == 1",
  message: "a cluster needs an odd number of members and at least 3, so that a majority is left when one fails",
  wayOut: "list 3 or 5 hosts; for a trial without high availability list 1 host and set allowSingleMember: true",
  fieldPath: ".hosts",
  holds: ({ hosts, allowSingleMember }) =>
    hosts.length === 1 ? allowSingleMember : hosts.length >= 3 && hosts.length % 2 === 1,
});

export const timingFitsTtl = rule<{ readonly ttl: number; readonly loopWait: number; readonly retryTimeout: number }>({
  cel: "self.loopWait + 2 * self.retryTimeout <= self.ttl",
  message: "loopWait + 2*retryTimeout is more than ttl, so the leader would lose its key while it is still retrying",
  wayOut: "raise ttl, or lower loopWait or retryTimeout",
  fieldPath: ".ttl",
  holds: ({ ttl, loopWait, retryTimeout }) => loopWait + 2 * retryTimeout <= ttl,
});

export const dataDirectoryInsideVolume = rule<{
  readonly dataDirectory?: string;
  readonly dataVolume: { readonly mountPath: string };
}>({
  cel: "!has(self.dataDirectory) || self.dataDirectory.startsWith(self.dataVolume.mountPath + '/')",
  message: "dataDirectory is not strictly below dataVolume.mountPath",
  wayOut: "name a directory below the mount point, or leave dataDirectory out for <mountPath>/pgdata",
  fieldPath: ".dataDirectory",
  holds: ({ dataDirectory, dataVolume }) =>
    dataDirectory === undefined || dataDirectory.startsWith(`${dataVolume.mountPath}/`),
});

export const distinctProxyPorts = rule<{ readonly write: number; readonly read: number; readonly stats: number }>({
  cel: "self.write != self.read && self.write != self.stats && self.read != self.stats",
  message: "write, read and stats must be three different ports",
  wayOut: "give each its own port",
  holds: ({ write, read, stats }) => new Set([write, read, stats]).size === 3,
});

export const purgeIsConfirmed = rule<{
  readonly metadata: { readonly name: string };
  readonly spec: { readonly deletionPolicy: string; readonly purgeConfirmation?: string };
}>({
  cel:
    "self.spec.deletionPolicy != 'Purge' || (has(self.spec.purgeConfirmation) && " +
    "self.spec.purgeConfirmation == self.metadata.name)",
  message: "deletionPolicy Purge deletes all data and is not confirmed",
  wayOut: "set spec.purgeConfirmation to the name of this resource, or choose Retain or Stop",
  fieldPath: ".spec.purgeConfirmation",
  holds: ({ metadata, spec }) => spec.deletionPolicy !== "Purge" || spec.purgeConfirmation === metadata.name,
});

export const minimumFitsPool = rule<{ readonly minPoolSize: number; readonly defaultPoolSize: number }>({
  cel: "self.minPoolSize <= self.defaultPoolSize",
  message: "minPoolSize is more than defaultPoolSize",
  wayOut: "lower minPoolSize or raise defaultPoolSize",
  fieldPath: ".minPoolSize",
  holds: ({ minPoolSize, defaultPoolSize }) => minPoolSize <= defaultPoolSize,
});

export const fastChecksAreFast = rule<{ readonly intervalMs: number; readonly fastIntervalMs: number }>({
  cel: "self.fastIntervalMs <= self.intervalMs",
  message: "fastIntervalMs is more than intervalMs",
  wayOut: "lower fastIntervalMs or raise intervalMs",
  fieldPath: ".fastIntervalMs",
  holds: ({ intervalMs, fastIntervalMs }) => fastIntervalMs <= intervalMs,
});

export const modesAreQuoted = rule<Readonly<Record<string, number | string>>>({
  cel: "['log_file_mode', 'unix_socket_permissions'].all(name, !(name in self) || type(self[name]) == string)",
  message:
    "log_file_mode and unix_socket_permissions are octal, and YAML gives another number for one that is not quoted",
  wayOut: "write them in quotes, such as '0640'",
  holds: (parameters) =>
    ["log_file_mode", "unix_socket_permissions"].every(
      (name) => !Object.hasOwn(parameters, name) || typeof parameters[name] === "string",
    ),
});
