import { mountUnitOf, volumeWords } from "../desired/volumes.ts";
import type { VolumeName } from "../desired/volumes.ts";
import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { enableForBoot, readUnitFiles, startMount } from "./systemd.ts";

export interface MountVolume {
  readonly kind: "mount-volume";
  readonly path: string;
  readonly volume: VolumeName;
  /** The device that has it now; undefined where it is mounted already. */
  readonly device: string | undefined;
  /** What it has to be once it is mounted. */
  readonly uuid: string;
  /** Whether pgha's unit is to come up with the host; else /etc/fstab has it. */
  readonly enable: boolean;
}

export const mountVolume: HostChangeKind<MountVolume> = {
  kind: "mount-volume",
  describe: ({ path, volume, device, enable }) =>
    device === undefined
      ? `have ${volumeWords(volume)} mounted at ${path} with each boot`
      : `mount ${volumeWords(volume)} (${device}) at ${path}${enable ? ", now and with each boot" : ""}`,
  target: ({ path }) => path,
  action: "create",
  event: "VolumeMounted",
  undoneBy: "nobody",
  undoneElsewhere: "Something else on that host unmounts it, or takes the unit away. Look at its journal.",
  command: mount,
  // A journal that has to be replayed takes its time.
  deadlineMs: 300_000,
};

/**
 * What was seen is looked at once more: nothing is mounted over data, no filesystem twice, and what is mounted then is
 * the one that was meant. Nothing is ever formatted, repaired or unmounted.
 */
function mount({ path, device, uuid, enable }: MountVolume): Command {
  const unit = mountUnitOf(path);
  return script([
    ...(enable ? [readUnitFiles, enableForBoot(unit)] : []),
    ...(device === undefined
      ? []
      : [
          sh`p=${path}; d=${device}
if ! mountpoint -q "$p"; then
  if [ -h "$p" ]; then echo "$p is a symbolic link" >&2; exit 1; fi
  if [ -n "$(ls -A "$p" 2>/dev/null)" ]; then echo "$p is not empty: what is in it would be hidden" >&2; exit 1; fi
  if at=$(findmnt --noheadings --raw --output TARGET --source "$d"); then
    echo "$d is mounted at $at already" >&2; exit 1
  fi
  ${enable ? startMount(unit) : sh`mkdir -p "$p"; mount -- "$p"`}
fi
d=$(findmnt --noheadings --raw --nofsroot --output SOURCE --mountpoint "$p" | tail -n 1)
found=$(blkid -p -s UUID -o value -- "$d")
if [ "$found" != ${uuid} ]; then echo "$p has the filesystem $found now" >&2; exit 1; fi`,
        ]),
  ]);
}
