import type { MountFact, SqlFact, SystemFact } from "../facts/types.ts";
import { size } from "../text/size.ts";

/** Figures of a look that change all the time: shown and measured, never stored, since a status is no heartbeat. */
export interface Measured {
  readonly hosts: readonly MeasuredHost[];
  /** PostgreSQL on each member that answers; PostgresHACluster only. */
  readonly members: readonly MeasuredMember[];
}

export interface MeasuredHost {
  readonly name: string;
  /** Host clock minus ours. */
  readonly clockOffsetSeconds: number;
  /** Whether what is installed runs after a reboot alone; asked by a HostBaseline. */
  readonly needsReboot?: boolean;
  /** Whether its spec asks for a clock that is kept: then the offset is shown however small it is. */
  readonly isClockKept?: boolean;
  readonly disks: readonly {
    readonly volume: "root" | "data";
    readonly sizeBytes: number;
    readonly freeBytes: number;
  }[];
}

export interface MeasuredMember {
  readonly name: string;
  readonly pendingRestart: boolean;
  readonly connections: number;
  readonly maximumConnections: number;
  readonly slots: {
    readonly active: number;
    readonly inactive: number;
    /** What the hungriest slot without a reader keeps of the WAL. */
    readonly inactiveRetainedBytes: number;
  };
}

const MEBIBYTE = 1_048_576;

/** `mount` is what is mounted where the resource wants its data; undefined where it wants no volume. */
export function measuredHost(name: string, system: SystemFact, mount: MountFact | undefined): MeasuredHost {
  const { rootSizeMiB = 0, rootFreeMiB, clockOffsetMs } = system;
  return {
    name,
    clockOffsetSeconds: clockOffsetMs / 1000,
    disks: [
      ...(rootSizeMiB > 0 ? [disk("root", rootSizeMiB, rootFreeMiB)] : []),
      ...(mount?.mounted === true && mount.sizeMiB > 0 ? [disk("data", mount.sizeMiB, mount.freeMiB)] : []),
    ],
  };
}

/** Of a host's base: its disks are measured by what uses them. */
export function measuredBase(
  name: string,
  { clockOffsetMs }: SystemFact,
  base: { readonly needsReboot: boolean; readonly isClockKept: boolean },
): MeasuredHost {
  return { name, clockOffsetSeconds: clockOffsetMs / 1000, ...base, disks: [] };
}

/** A figure that is shown though it is as it should be. */
export function clockOf(host: MeasuredHost | undefined): string | undefined {
  if (host?.isClockKept !== true || Math.abs(host.clockOffsetSeconds) > NOTABLE.clockSeconds) return undefined;
  return `clock ${Math.round(host.clockOffsetSeconds * 1000)} ms off`;
}

/** Undefined while PostgreSQL does not answer. */
export function measuredMember(
  name: string,
  sql: SqlFact | undefined,
  pendingRestart: boolean,
): MeasuredMember | undefined {
  if (sql?.health === undefined) return undefined;
  const { connections, maximumConnections, slots } = sql.health;
  const inactive = slots.filter(({ active }) => !active);
  return {
    name,
    pendingRestart,
    connections,
    maximumConnections,
    slots: {
      active: slots.length - inactive.length,
      inactive: inactive.length,
      inactiveRetainedBytes: Math.max(0, ...inactive.map(({ retainedBytes = 0 }) => retainedBytes)),
    },
  };
}

/**
 * What a person should see of a host's figures, in words; nothing while there is room. The alerts have the same limits.
 */
export function notable(host: MeasuredHost | undefined, member: MeasuredMember | undefined): readonly string[] {
  return [
    ...(host?.disks ?? [])
      .filter(({ sizeBytes, freeBytes }) => freeBytes < sizeBytes * NOTABLE.freeDisk)
      .map(
        ({ volume, sizeBytes, freeBytes }) =>
          `${volume === "root" ? "/" : "data volume"} ${Math.round(100 - (100 * freeBytes) / sizeBytes)} % full`,
      ),
    ...(Math.abs(host?.clockOffsetSeconds ?? 0) > NOTABLE.clockSeconds
      ? [`clock ${(host?.clockOffsetSeconds ?? 0).toFixed(1)} s off`]
      : []),
    ...(member !== undefined && member.connections > member.maximumConnections * NOTABLE.connections
      ? [`${member.connections} of ${member.maximumConnections} connections taken`]
      : []),
    ...(member !== undefined && member.slots.inactiveRetainedBytes > NOTABLE.retainedBytes
      ? [`a slot without a reader keeps ${size(member.slots.inactiveRetainedBytes)} of WAL`]
      : []),
  ];
}

const NOTABLE = { freeDisk: 0.15, clockSeconds: 0.5, connections: 0.9, retainedBytes: 5 * 1024 * MEBIBYTE };

function disk(volume: "root" | "data", sizeMiB: number, freeMiB: number): MeasuredHost["disks"][number] {
  return { volume, sizeBytes: sizeMiB * MEBIBYTE, freeBytes: freeMiB * MEBIBYTE };
}
