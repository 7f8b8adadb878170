import { volumeWords } from "../../desired/volumes.ts";
import type { VolumeName } from "../../desired/volumes.ts";
import type { MountFact } from "../../facts/types.ts";
import { HostFindings } from "../../plan/findings.ts";
import { planHost } from "../../plan/host.ts";
import type { Blocker, Plan, Step } from "../../plan/plan.ts";
import { sha256 } from "../../render/digest.ts";
import { count, list } from "../../text/words.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterFacts, ClusterLooks } from "./observe.ts";
import type { VolumeWish } from "./volume-wish.ts";

/** What is to be done about volumes, and what is in the way. */
export interface VolumesPlan extends Pick<Plan, "steps" | "blockers"> {
  /** Hosts whose data cannot be seen: nothing is mounted there, or something else. */
  readonly away: ReadonlySet<string>;
}

/** Mounts what is attached and not mounted, and says why where it cannot be. */
export function planVolumes(desired: DesiredCluster, looks: ClusterLooks, scope: Blocker["scope"]): VolumesPlan {
  const found = desired.members.map(({ name, volume }) => {
    const look = looks.get(name);
    if (volume === undefined || look?.seen !== true) return { steps: [], blockers: [], away: [] };
    const findings = new HostFindings(desired.resolved.name, name, scope);
    tell(desired, volume.name, look.facts.mount, findings);
    const isFree = findings.blockers.length === 0;
    return {
      steps: isFree ? stepsOn(desired, name, volume, look.facts) : [],
      blockers: findings.blockers,
      away: isFree && look.facts.mount.mounted ? [] : [name],
    };
  });
  return {
    steps: found.flatMap(({ steps }) => steps),
    blockers: found.flatMap(({ blockers }) => blockers),
    away: new Set(found.flatMap(({ away }) => away)),
  };
}

/**
 * A plan until the volumes are there. What lies on a volume that is not mounted is not known: of a cluster that nobody
 * leads, nothing is done before, and nothing is said of what seems to be missing. Of one that serves, that is so of the
 * host alone.
 */
export function beforeVolumes(
  plan: Plan,
  volumes: VolumesPlan,
  { isLed, checks }: { readonly isLed: boolean; readonly checks: readonly Blocker[] },
): Plan {
  const { away } = volumes;
  if (away.size === 0) return { ...plan, steps: [...volumes.steps, ...plan.steps] };
  const first = volumes.steps.flatMap(({ host, id }) => (host !== undefined && away.has(host) ? [id] : []));
  const isAbout = (host: string | undefined): boolean => !isLed || (host !== undefined && away.has(host));
  return {
    steps: [
      ...volumes.steps,
      ...plan.steps.map((step) => (isAbout(step.host) ? { ...step, after: [...(step.after ?? []), ...first] } : step)),
    ],
    waits: plan.waits.filter(({ host }) => !isAbout(host)),
    blockers: [
      ...plan.blockers.filter((blocker) => checks.includes(blocker) || !isAbout(blocker.host)),
      ...volumes.blockers,
    ],
    warnings: plan.warnings,
  };
}

function stepsOn(
  desired: DesiredCluster,
  host: string,
  { name: volume, file }: VolumeWish,
  { mount, paths }: Pick<ClusterFacts, "mount" | "paths">,
): readonly Step[] {
  const { resolved } = desired;
  const { mountPath } = resolved.cluster.spec.postgresql.dataVolume;
  // A line in fstab does the same, and is somebody's.
  const isOthers = mount.volume?.fstab !== undefined;
  const written = isOthers
    ? []
    : planHost(
        resolved.name,
        { host, ...NOTHING, files: [file] },
        { ...NO_FACTS, paths, digests: new Map([[file.path, sha256(file.content)]]) },
      );
  const foundUnit = paths[file.path];
  const isForeign = foundUnit?.kind === "file" && foundUnit.own !== true;
  const enable = !isOthers && !isForeign && mount.volume?.isEnabled !== true;
  const [device] = mount.volume?.devices ?? [];
  if (mount.mounted && !enable) return written.map((step) => ({ ...step, mends: true as const }));
  const step: Step = {
    id: `${host}/${resolved.name}/volume`,
    resource: resolved.name,
    host,
    stage: "prepare",
    impact: "none",
    change: {
      kind: "mount-volume",
      path: mountPath,
      volume,
      device: mount.mounted ? undefined : device?.path,
      uuid: mount.mounted ? mount.uuid : (device?.uuid ?? ""),
      enable: !isOthers && !isForeign,
    },
    because: mount.mounted
      ? "it is mounted, and would not be after a boot"
      : "it is attached and not mounted; what is on it decides what comes next",
  };
  return [...written, step].map((one) => ({ ...one, mends: true as const }));
}

const NOTHING = {
  packages: { names: [], services: {}, source: "distribution" },
  artifacts: [],
  directories: [],
  services: [],
  masked: [],
} as const;
const NO_FACTS = { packages: {}, artifacts: {}, units: {} } as const;

/** Everything in the way of mounting it, and a mount that is another one. */
function tell(desired: DesiredCluster, volume: VolumeName, mount: MountFact, found: HostFindings): void {
  const { mountPath, filesystem } = desired.resolved.cluster.spec.postgresql.dataVolume;
  const words = volumeWords(volume);
  const { fstab, isLink = false, entries = 0, devices = [] } = mount.volume ?? {};
  if (mount.mounted) {
    const is = volume.by === "uuid" ? mount.uuid : (mount.label ?? "");
    if (is !== "" && is !== volume.name)
      found.block(
        "MountPointTaken",
        `${mountPath} has another filesystem mounted, ${volumeWords({ ...volume, name: is })} (${mount.source}), ` +
          `and the spec names ${words}`,
        `If that is the right one, name it in the spec. Else unmount it, once nothing uses it; pgha unmounts nothing.`,
      );
    return;
  }
  if (isLink)
    found.block(
      "MountPointTaken",
      `${mountPath} is a symbolic link`,
      "Remove the link, or name the place it leads to.",
    );
  if (entries > 0)
    found.block(
      "MountPointTaken",
      `nothing is mounted at ${mountPath}, and ${count(entries, "entry").replace("entrys", "entries")} in that ` +
        "directory would be hidden by a mount",
      `Look at what lies in ${mountPath}: if it is data, it belongs on the volume. Move it away.`,
    );
  if (fstab !== undefined && /^(UUID|LABEL)=/.test(fstab) && isOther(fstab.replaceAll('"', ""), volume))
    found.block(
      "MountPointTaken",
      `/etc/fstab would mount ${fstab} at ${mountPath}, and the spec names ${words}`,
      "Correct one of the two.",
    );
  const uuids = [...new Set(devices.map(({ uuid }) => uuid))];
  const [device] = devices;
  if (device === undefined)
    found.block(
      "VolumeMissing",
      `no device there has a filesystem with ${words}`,
      "Attach the volume, or name the one that lsblk -f shows there. If it is new, format it yourself: pgha formats " +
        "nothing.",
    );
  else if (uuids.length > 1)
    found.block(
      "VolumeAmbiguous",
      `${list(devices.map(({ path }) => path))} all have ${words}`,
      "Name the right one by its UUID: spec.hosts[].volume.uuid.",
    );
  else if (device.filesystem === "")
    found.block("VolumeFilesystem", `${device.path} has ${words} and is no filesystem`, "Name a filesystem.");
  else if (filesystem !== undefined && device.filesystem !== filesystem)
    found.block(
      "VolumeFilesystem",
      `${device.path} is ${device.filesystem}, the spec asks for ${filesystem}`,
      "Attach a volume with that, or change spec.postgresql.dataVolume.filesystem. pgha never formats anything.",
    );
  else if (devices.some(({ mountedAt }) => mountedAt.length > 0))
    found.block(
      "VolumeInUse",
      `${words} (${device.path}) is mounted at ${list(devices.flatMap(({ mountedAt }) => mountedAt))} already`,
      `Unmount it there, once nothing uses it, or set mountPath to that; pgha unmounts nothing.`,
    );
}

/** Whether a line of fstab names another by the same kind of name. */
function isOther(fstab: string, volume: VolumeName): boolean {
  const [kind = "", name = ""] = fstab.split("=");
  return kind.toLowerCase() === volume.by && name.toLowerCase() !== volume.name.toLowerCase();
}
