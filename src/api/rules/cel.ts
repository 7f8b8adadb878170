import { rule } from "../rule.ts";
import { FAILOVER_TIMINGS } from "../timings.ts";
import type { PatroniTiming } from "../timings.ts";

/** Cross-field rules that the API server checks as well. Each is attached to its place in a schema. */

export const memberCount = rule<{ readonly hosts: readonly unknown[]; readonly allowSingleMember: boolean }>({
  cel: "size(self.hosts) == 1 ? self.allowSingleMember : size(self.hosts) >= 3 && size(self.hosts) % 2 == 1",
  message: "a cluster needs an odd number of members and at least 3, so that a majority is left when one fails",
  wayOut: "list 3 or 5 hosts; for a trial without high availability list 1 host and set allowSingleMember: true",
  fieldPath: ".hosts",
  holds: ({ hosts, allowSingleMember }) =>
    hosts.length === 1 ? allowSingleMember : hosts.length >= 3 && hosts.length % 2 === 1,
});

const { patroni: STANDARD } = FAILOVER_TIMINGS.Standard;
const valueOf = (field: keyof PatroniTiming): string => `(has(self.${field}) ? self.${field} : ${STANDARD[field]})`;

type Timing = Partial<PatroniTiming> & { readonly failover: string };

/** Beside failover Fast none of them may stand, and Fast fits by itself. */
export const timingFitsTtl = rule<Timing>({
  cel: `self.failover == 'Fast' || ` + `${valueOf("loopWait")} + 2 * ${valueOf("retryTimeout")} <= ${valueOf("ttl")}`,
  message: "loopWait + 2*retryTimeout is more than ttl, so the leader would lose its key while it is still retrying",
  wayOut: "raise ttl, or lower loopWait or retryTimeout",
  fieldPath: ".ttl",
  holds: (self) => {
    const { failover, ttl, loopWait, retryTimeout } = { ...STANDARD, ...self };
    return failover === "Fast" || loopWait + 2 * retryTimeout <= ttl;
  },
});

export const timingIsOfOne = rule<Timing>({
  cel: "self.failover != 'Fast' || !(has(self.ttl) || has(self.loopWait) || has(self.retryTimeout))",
  message: "failover Fast sets ttl, loopWait and retryTimeout, and one of them is written beside it",
  wayOut:
    "take ttl, loopWait and retryTimeout out (what is stored goes by a merge patch with null for each), or leave " +
    "failover out",
  fieldPath: ".failover",
  holds: ({ failover, ttl, loopWait, retryTimeout }) =>
    failover !== "Fast" || [ttl, loopWait, retryTimeout].every((value) => value === undefined),
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

export const uuidOrLabel = rule<{ readonly uuid?: string; readonly label?: string }>({
  cel: "!has(self.uuid) || !has(self.label)",
  message: "uuid and label both name the filesystem",
  wayOut: "keep one of them",
  holds: ({ uuid, label }) => uuid === undefined || label === undefined,
});

interface Named {
  readonly uuid?: string;
  readonly label?: string;
}

/** A UUID is that of one filesystem, and a host has its own. */
export const everyVolumeIsNamed = rule<{
  readonly hosts: readonly { readonly volume?: Named }[];
  readonly postgresql: { readonly dataVolume: { readonly mount?: Named } };
}>({
  cel:
    "has(self.postgresql.dataVolume.mount) ? (has(self.postgresql.dataVolume.mount.label) || " +
    "(has(self.postgresql.dataVolume.mount.uuid) && size(self.hosts) == 1) || " +
    "self.hosts.all(host, has(host.volume) && (has(host.volume.uuid) || has(host.volume.label)))) : " +
    "self.hosts.all(host, !has(host.volume))",
  message: "dataVolume.mount does not say of each host which filesystem it is to mount, or hosts say so without it",
  wayOut:
    "name in each of hosts its volume: {uuid: ...}, or in dataVolume.mount a label that all of them have; and leave " +
    "volume out where nothing is to be mounted",
  fieldPath: ".postgresql.dataVolume",
  holds: ({ hosts, postgresql: { dataVolume } }) => {
    const { mount } = dataVolume;
    if (mount === undefined) return hosts.every(({ volume }) => volume === undefined);
    const isNamed = ({ volume }: { readonly volume?: Named }): boolean =>
      volume?.uuid !== undefined || volume?.label !== undefined;
    return mount.label !== undefined || (mount.uuid !== undefined && hosts.length === 1) || hosts.every(isNamed);
  },
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

export const everythingNeedsAdmins = rule<{ readonly drop?: string; readonly adminNetworks?: readonly string[] }>({
  cel: "!has(self.drop) || self.drop != 'everything' || (has(self.adminNetworks) && size(self.adminNetworks) > 0)",
  message: "drop is everything and no network may log in",
  wayOut: "name in adminNetworks the networks that people and pgha come from",
  fieldPath: ".adminNetworks",
  holds: ({ drop, adminNetworks = [] }) => drop !== "everything" || adminNetworks.length > 0,
});

export const containerIsTold = rule<{ readonly runtime: string; readonly container?: unknown }>({
  cel: "(self.runtime == 'container') == has(self.container)",
  message: "spec.container goes with runtime container, and runtime container with spec.container",
  wayOut: "say in spec.container.image where the image comes from, or leave spec.container out and runtime at systemd",
  fieldPath: ".container",
  holds: (spec) => (spec.runtime === "container") === (spec.container !== undefined),
});

const SOURCES = ["id", "archive", "build", "reference"] as const;

export const imageComesFromOne = rule<Readonly<Partial<Record<(typeof SOURCES)[number], unknown>>>>({
  cel: `${SOURCES.map((source) => `(has(self.${source}) ? 1 : 0)`).join(" + ")} == 1`,
  message: `an image comes from exactly one of ${SOURCES.join(", ")}`,
  wayOut:
    "name the id of an image that is on every host, or the file of one that pgha is to bring, or a base to build on, " +
    "or one of a registry by its digest",
  holds: (image) => SOURCES.filter((source) => image[source] !== undefined).length === 1,
});

export const loginIsForRegistry = rule<{ readonly reference?: unknown; readonly pullSecretRef?: unknown }>({
  cel: "!has(self.pullSecretRef) || has(self.reference)",
  message: "pullSecretRef is for an image that is pulled",
  wayOut: "name the image in reference, or leave pullSecretRef out",
  fieldPath: ".pullSecretRef",
  holds: (image) => image.pullSecretRef === undefined || image.reference !== undefined,
});

const LOW = 1024;

/** A user of a container's is given no right to low ports, as systemd gives it to a user of the host's. */
export const poolerPortOfContainer = rule<{ readonly runtime: string; readonly port: number }>({
  cel: `self.runtime != 'container' || self.port >= ${LOW}`,
  message: `a container can't open a port below ${LOW}`,
  wayOut: `choose a port from ${LOW} up, or runtime systemd`,
  fieldPath: ".port",
  holds: (spec) => spec.runtime !== "container" || spec.port >= LOW,
});

export const proxyPortsOfContainer = rule<{
  readonly runtime: string;
  readonly ports: { readonly write: number; readonly read: number; readonly stats: number };
}>({
  cel:
    `self.runtime != 'container' || (self.ports.write >= ${LOW} && self.ports.read >= ${LOW} && ` +
    `self.ports.stats >= ${LOW})`,
  message: `a container can't open a port below ${LOW}`,
  wayOut: `choose ports from ${LOW} up, or runtime systemd`,
  fieldPath: ".ports",
  holds: ({ runtime: of, ports }) =>
    of !== "container" || [ports.write, ports.read, ports.stats].every((port) => port >= LOW),
});

export const memberPortsOfContainer = rule<{
  readonly runtime: string;
  readonly postgresql: { readonly port: number };
  readonly patroni: {
    readonly restApi: { readonly port: number };
    readonly dcs: { readonly raft: { readonly port: number } };
  };
}>({
  cel:
    `self.runtime != 'container' || (self.postgresql.port >= ${LOW} && self.patroni.restApi.port >= ${LOW} && ` +
    `self.patroni.dcs.raft.port >= ${LOW})`,
  message: `a container can't open a port below ${LOW}`,
  wayOut: `choose ports of PostgreSQL, Patroni's REST API and RAFT from ${LOW} up, or runtime systemd`,
  holds: ({ runtime: of, postgresql, patroni }) =>
    of !== "container" || [postgresql.port, patroni.restApi.port, patroni.dcs.raft.port].every((port) => port >= LOW),
});
