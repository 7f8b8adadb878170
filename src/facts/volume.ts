import { UNIT_FOLDER } from "../desired/services.ts";
import { mountUnitOf, volumeLink, volumeWords } from "../desired/volumes.ts";
import type { VolumeName } from "../desired/volumes.ts";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/** What a host has of a volume that is to be mounted. */
export interface VolumeFact {
  /** What /etc/fstab would mount there. */
  readonly fstab: string | undefined;
  /** Whether the mount unit comes up with the host. */
  readonly isEnabled: boolean;
  /** Whether the mount point is a symbolic link. */
  readonly isLink: boolean;
  /** How many things lie in the mount point while nothing is mounted there. */
  readonly entries: number;
  /** What has that name, while nothing is mounted there. */
  readonly devices: readonly VolumeDevice[];
}

export interface VolumeDevice {
  readonly path: string;
  readonly uuid: string;
  /** Empty where it is no filesystem. */
  readonly filesystem: string;
  /** Where it is mounted already. */
  readonly mountedAt: readonly string[];
}

/**
 * Devices are looked for only while nothing is mounted: by udev's link, and by what they say of themselves, since two
 * may have one label, and not every machine has udev. What lies in the mount point is counted, and not named: names can
 * hold anything.
 */
export function askVolume(path: string, volume: VolumeName): Command {
  const unit = mountUnitOf(path);
  return sh`
p=${path}
while read -r a b c; do
  case $a in '#'*) ;; *) if [ "$b" = "$p" ]; then echo "volume fstab $a"; fi ;; esac
done </etc/fstab
for f in ${UNIT_FOLDER}/*.wants/${unit} ${UNIT_FOLDER}/*.requires/${unit}; do
  if [ -e "$f" ] || [ -h "$f" ]; then echo 'volume enabled'; fi
done
if [ -h "$p" ]; then echo 'volume link'; fi
if ! mountpoint -q "$p"; then
  n=0
  for e in "$p"/* "$p"/.[!.]* "$p"/..?*; do if [ -e "$e" ] || [ -h "$e" ]; then n=$((n + 1)); fi; done
  echo "volume entries $n"
  seen=
  for d in ${volumeLink(volume)} $(blkid -c /dev/null -t ${volumeWords(volume)} -o device); do
    if [ ! -b "$d" ]; then continue; fi
    d=$(readlink -f -- "$d")
    case " $seen " in *" $d "*) continue ;; esac
    seen="$seen $d"
    echo "volume device $d"
    blkid -p -s UUID -s TYPE -s USAGE -o export -- "$d" | sed 's/^/volume is /'
    findmnt --noheadings --raw --nofsroot --output TARGET --source "$d" | sed 's/^/volume at /'
  done
fi
true`;
}

export function volumeIn(stdout: string): VolumeFact {
  const lines = stdout.split("\n").filter((line) => line.startsWith("volume "));
  const word = (start: string): string | undefined =>
    lines.find((line) => line.startsWith(`volume ${start} `))?.slice(`volume ${start} `.length);
  return {
    fstab: word("fstab"),
    isEnabled: lines.includes("volume enabled"),
    isLink: lines.includes("volume link"),
    entries: Number(word("entries") ?? 0),
    devices: devicesIn(lines),
  };
}

function devicesIn(lines: readonly string[]): readonly VolumeDevice[] {
  const starts = lines.flatMap((line, index) => (line.startsWith("volume device ") ? [index] : []));
  return starts.map((start, index): VolumeDevice => {
    const own = lines.slice(start + 1, starts[index + 1]);
    const tag = (name: string): string =>
      own.find((line) => line.startsWith(`volume is ${name}=`))?.slice(`volume is ${name}=`.length) ?? "";
    return {
      path: lines[start]?.slice("volume device ".length) ?? "",
      uuid: tag("UUID"),
      filesystem: ["", "filesystem"].includes(tag("USAGE")) ? tag("TYPE") : "",
      mountedAt: own.flatMap((line) => (line.startsWith("volume at ") ? [line.slice("volume at ".length)] : [])),
    };
  });
}
