import { GROUP } from "../api/index.ts";
import type { Look } from "../facts/fact.ts";
import type { ListenerFact, MountFact, ReachFact, SystemFact } from "../facts/types.ts";
import type { Blocker } from "./plan.ts";
import { HostFindings } from "./findings.ts";
import type { Findings } from "./findings.ts";

/** The facts that say whether a host may be touched at all, whatever it is to carry. */
export interface PreflightFacts {
  readonly system: SystemFact;
  readonly mount?: MountFact;
  readonly listeners: readonly ListenerFact[];
  readonly reach: readonly ReachFact[];
}

/** What a host has to offer before anything is done to it. */
export interface PreflightWish {
  readonly resource: string;
  /** Of the resource, where it has one. */
  readonly namespace?: string | undefined;
  readonly host: string;
  readonly address: string;
  readonly scope: Blocker["scope"];
  readonly volume?: {
    readonly mountPath: string;
    readonly filesystem?: string;
    /** Where pgha is to mount it, it is another's to say why it is not mounted. */
    readonly mount?: object;
  };
  /** Ports this resource will listen on, and the unit that may already hold them. */
  readonly ports: readonly { readonly port: number; readonly purpose: string; readonly unit: string }[];
  /** What was recorded about the host when it was first seen. */
  readonly recorded: { readonly machineId?: string; readonly volumeUuid?: string };
  /** Largest clock offset that is safe here, in milliseconds. */
  readonly maximumClockOffsetMs: number;
}

const SUPPORTED: Readonly<Record<string, readonly string[]>> = { debian: ["12", "13"], ubuntu: ["22.04", "24.04"] };
const MINIMUM_MEMORY_MIB = 400;
const MINIMUM_FREE_MIB = 1024;
/** What is told of a clock, in milliseconds. */
export const CLOCK_WARNING_MS = 500;

/** Checks one host. All findings at once. */
export function preflight(wish: PreflightWish, look: Look<PreflightFacts>): Findings {
  const found = new HostFindings(wish.resource, wish.host, wish.scope);
  if (!look.seen) {
    found.block(look.reason, look.message, look.wayOut ?? "Make the host reachable by SSH, then run again.");
    return found;
  }
  checkSystem(wish, look.facts.system, look.facts.mount, found);
  checkVolume(wish, look.facts.system, look.facts.mount, found);
  checkPorts(wish, look.facts.listeners, found);
  checkReach(wish, look.facts.reach, found);
  return found;
}

/** One command for all that is new of a host, so that no second one is needed after it. */
function approvalOf(
  { host, namespace, recorded }: PreflightWish,
  system: SystemFact,
  mount: MountFact | undefined,
): string {
  const volume = mount?.mounted === true && mount.uuid !== "" ? mount.uuid : undefined;
  const entries = [
    ...(recorded.machineId === undefined || recorded.machineId === system.machineId
      ? []
      : [`${host}=machine:${system.machineId}`]),
    ...(recorded.volumeUuid === undefined || volume === undefined || recorded.volumeUuid === volume
      ? []
      : [`${host}=volume:${volume}`]),
  ];
  const command = `pgha approve ${host}`;
  return namespace === undefined
    ? command
    : `${command}, or with the operator: kubectl annotate --overwrite pgha --all -n ${namespace} ` +
        `${GROUP}/accept-host-key=${entries.join(",")}`;
}

function checkSystem(wish: PreflightWish, system: SystemFact, mount: MountFact | undefined, found: HostFindings): void {
  if (!(SUPPORTED[system.osId] ?? []).includes(system.osVersionId)) {
    found.block(
      "UnsupportedSystem",
      `${system.osId} ${system.osVersionId} is not supported`,
      "Use Debian 12 or 13, or Ubuntu 22.04 or 24.04.",
    );
  }
  const approval = approvalOf(wish, system, mount);
  if (wish.recorded.machineId !== undefined && wish.recorded.machineId !== system.machineId) {
    found.block(
      "MachineChanged",
      `its machine-id is ${system.machineId}; it was ${wish.recorded.machineId} when pgha last approved it`,
      `If it was rebuilt on purpose, approve it: ${approval}`,
    );
  }
  const offset = system.clockOffsetMs;
  if (Math.abs(offset) > wish.maximumClockOffsetMs) {
    found.block(
      "ClockSkew",
      `its clock is ${(offset / 1000).toFixed(1)} s off; more than ` +
        `${(wish.maximumClockOffsetMs / 1000).toFixed(1)} s makes the leader key's time to live unreliable`,
      "Run a time service (systemd-timesyncd or chrony) on the host.",
    );
  } else if (Math.abs(offset) > CLOCK_WARNING_MS) {
    found.warn("ClockSkew", `its clock is ${(offset / 1000).toFixed(1)} s off`);
  }
  if (system.memoryMiB < MINIMUM_MEMORY_MIB) {
    found.block(
      "MemoryTooSmall",
      `it has ${system.memoryMiB} MiB of memory`,
      `Give it at least ${MINIMUM_MEMORY_MIB} MiB.`,
    );
  }
  if (system.rootFreeMiB < MINIMUM_FREE_MIB) {
    found.block("DiskFull", `/ has ${system.rootFreeMiB} MiB free`, `Free at least ${MINIMUM_FREE_MIB} MiB on /.`);
  }
  if (system.swapMiB > 0)
    found.warn(
      "SwapActive",
      `${system.swapMiB} MiB of swap are active; a swapping PostgreSQL misses its leader key's renewals`,
    );
}

function checkVolume(wish: PreflightWish, system: SystemFact, mount: MountFact | undefined, found: HostFindings): void {
  if (wish.volume === undefined || mount === undefined) return;
  const { mountPath, filesystem } = wish.volume;
  if (!mount.mounted && wish.volume.mount !== undefined) return;
  if (!mount.mounted) {
    found.block(
      "VolumeMissing",
      "nothing is mounted at " +
        `${mountPath}${mount.pathExists ? " (there is only a directory on another filesystem)" : ""}`,
      `Mount the data volume at ${mountPath} (and in /etc/fstab), or have pgha do so: ` +
        "spec.postgresql.dataVolume.mount. pgha never formats anything.",
    );
    return;
  }
  if (filesystem !== undefined && filesystem !== mount.filesystem) {
    found.block(
      "VolumeFilesystem",
      `${mountPath} is ${mount.filesystem}, the spec asks for ${filesystem}`,
      `Mount a volume with ${filesystem}, or change spec.postgresql.dataVolume.filesystem. pgha never ` +
        "formats anything.",
    );
  }
  if (wish.recorded.volumeUuid !== undefined && mount.uuid !== "" && wish.recorded.volumeUuid !== mount.uuid) {
    found.block(
      "VolumeChanged",
      `the filesystem at ${mountPath} has UUID ${mount.uuid}; it was ${wish.recorded.volumeUuid}`,
      "Mount the volume that holds the data. If it was replaced on purpose, approve it: " +
        `${approvalOf(wish, system, mount)}`,
    );
  }
  if (mount.freeMiB < MINIMUM_FREE_MIB / 4) {
    found.block("DiskFull", `${mountPath} has ${mount.freeMiB} MiB free`, "Free space on the data volume, or grow it.");
  }
}

/** One finding a peer, whatever the number of its ports: the way out is one line in one firewall. */
function checkReach(wish: PreflightWish, reach: readonly ReachFact[], found: HostFindings): void {
  const filtered = Map.groupBy(
    reach.filter((dial) => dial.result === "filtered"),
    (dial) => dial.address,
  );
  for (const [address, dials] of filtered) {
    const ports = dials.map((dial) => dial.port).join(", ");
    found.block(
      "PeerUnreachable",
      `${wish.host} gets no answer from ${address} on TCP ${ports}`,
      `Open TCP ${ports} from ${wish.address} to ${address} in every firewall between them.`,
    );
  }
}

/** Somebody else's socket on a port we need. Ours are told by their unit, never by a program's name (F53). */
function checkPorts(wish: PreflightWish, listeners: readonly ListenerFact[], found: HostFindings): void {
  for (const { port, purpose, unit } of wish.ports) {
    const foreign = listeners.filter(
      (listener) => listener.port === port && listener.unit !== unit && overlaps(listener.address, wish.address),
    );
    for (const owner of foreign) {
      const who = [
        owner.program === "" ? "an unknown program" : owner.program,
        ...(owner.unit === "" ? [] : [`of ${owner.unit}`]),
        ...(owner.pid > 0 ? [`pid ${owner.pid}`] : []),
      ].join(", ");
      found.block(
        "PortTaken",
        `port ${port} (${purpose}) is held by ${who} at ${owner.address}`,
        `Stop that service or move it to another port, or choose another port for ${purpose} in the spec.`,
      );
    }
  }
}

/** Everything of ours binds the host's own address and loopback; a socket on some other address is in nobody's way. */
function overlaps(bound: string, address: string): boolean {
  const isIpLiteral = /^[0-9.]+$|:/.test(address);
  return !isIpLiteral || ["0.0.0.0", "::", "*", address].includes(bound) || bound.startsWith("127.") || bound === "::1";
}
