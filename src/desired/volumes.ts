import { UNIT_FOLDER } from "./services.ts";

/** A filesystem by what it is called. */
export interface VolumeName {
  readonly by: "uuid" | "label";
  readonly name: string;
}

/** As lsblk and fstab(5) say it. */
export function volumeWords({ by, name }: VolumeName): string {
  return `${by === "uuid" ? "UUID" : "LABEL"}=${name}`;
}

/** Where udev has a link to it. */
export function volumeLink({ by, name }: VolumeName): string {
  return `/dev/disk/by-${by}/${name}`;
}

/** The unit that systemd knows a mount point by: its path, escaped (systemd.unit(5)). */
export function mountUnitOf(path: string): string {
  const escaped = path
    .slice(1)
    .replaceAll(/[^A-Za-z0-9:_./]/g, (sign) => String.raw`\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`)
    .replaceAll("/", "-");
  return `${escaped}.mount`;
}

export function mountUnitFileOf(path: string): string {
  return `${UNIT_FOLDER}/${mountUnitOf(path)}`;
}
