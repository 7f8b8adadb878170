import type { MountFact } from "../../src/facts/types.ts";
import type { VolumeFact } from "../../src/facts/volume.ts";
import type { ModelHost } from "./model-host.ts";

/** The data volume of a host of a model. */
export interface ModelVolume {
  readonly isMounted: boolean;
  /** What else a host says of it, where its spec asks for a mount. */
  readonly found: Partial<VolumeFact>;
  /** What is mounted, if it is another than its own. */
  readonly uuid?: string;
}

export const OWN_VOLUME: ModelVolume = { isMounted: true, found: { isEnabled: true } };

export function volumeUuidOf(host: string): string {
  return `00000000-0000-4000-8000-${Buffer.from(host).toString("hex").slice(-12)}`;
}

export function volumeFact({ name, base: { volume } }: ModelHost): MountFact {
  const uuid = volumeUuidOf(name);
  const device = { path: "/dev/vdb", uuid, filesystem: "xfs", mountedAt: [] };
  const found = { fstab: undefined, isEnabled: false, isLink: false, entries: 0, ...volume.found };
  if (!volume.isMounted) return { mounted: false, pathExists: true, volume: { devices: [device], ...found } };
  return {
    mounted: true,
    filesystem: "xfs",
    source: "/dev/vdb",
    uuid: volume.uuid ?? uuid,
    sizeMiB: 10_000,
    freeMiB: 9_000,
    volume: { ...found, devices: [] },
  };
}
