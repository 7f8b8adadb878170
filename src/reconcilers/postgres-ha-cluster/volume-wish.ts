import type { ClusterSpec, MemberHost } from "../../api/index.ts";
import type { DesiredFile } from "../../desired/host.ts";
import { mountUnitFileOf } from "../../desired/volumes.ts";
import type { VolumeName } from "../../desired/volumes.ts";
import { mountUnit } from "../../render/mount-unit.ts";

/** The filesystem that a member is to have mounted, and the unit by which pgha mounts it. */
export interface VolumeWish {
  readonly name: VolumeName;
  readonly file: DesiredFile;
}

/** Undefined where others see to it. */
export function volumeWish({ dataVolume }: ClusterSpec["postgresql"], { volume }: MemberHost): VolumeWish | undefined {
  const { mountPath, filesystem, mount } = dataVolume;
  if (mount === undefined) return undefined;
  const name = nameIn(volume ?? mount);
  if (name === undefined) return undefined;
  const content = mountUnit({ path: mountPath, volume: name, filesystem, options: mount.options ?? [] });
  return {
    name,
    file: {
      path: mountUnitFileOf(mountPath),
      content,
      owner: "root",
      group: "root",
      mode: 0o644,
      secret: false,
      yields: true,
    },
  };
}

function nameIn({ uuid, label }: { readonly uuid?: string; readonly label?: string }): VolumeName | undefined {
  if (uuid !== undefined) return { by: "uuid", name: uuid };
  return label === undefined ? undefined : { by: "label", name: label };
}
