import type { VolumeName } from "../desired/volumes.ts";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";
import { asNumber, asRecord, asRecords, asString, parseJson } from "./narrow.ts";
import type { MountFact } from "./types.ts";
import { askVolume, volumeIn } from "./volume.ts";

/**
 * What is mounted exactly at a path. The UUID comes from udev's word (findmnt), else from the device itself (blkid),
 * else from the filesystem by ioctl: containers have neither udev nor always the device. Where a `volume` is to be
 * mounted there, also what there is of it.
 */
export function mountFact(path: string, volume?: VolumeName): Fact<MountFact> {
  if (volume === undefined) return { command: askMount(path), parse };
  return {
    command: sh`(
${askMount(path)}
)
${askVolume(path, volume)}`,
    parse: (output) => {
      const start = output.stdout.search(/^volume /m);
      const own = start === -1 ? output.stdout : output.stdout.slice(0, start);
      return { ...parse({ ...output, stdout: own }), volume: volumeIn(output.stdout) };
    },
  };
}

function askMount(path: string): Command {
  return sh`
p=${path}
if ! m=$(findmnt --json --bytes --nofsroot --output FSTYPE,SOURCE,UUID,LABEL,SIZE,AVAIL --mountpoint "$p"); then
  if [ -e "$p" ]; then echo 'path exists'; else echo 'no path'; fi
  exit 0
fi
printf '%s\n' "$m"
case $m in *'"uuid":null'*|*'"uuid": null'*) ;; *) exit 0 ;; esac
s=$(findmnt --noheadings --raw --nofsroot --output SOURCE --mountpoint "$p" | tail -n 1)
u=$(blkid --probe --match-tag UUID --output value -- "$s") || u=$(perl -e ${uuidByIoctl} -- "$p")
printf 'uuid %s\n' "$u"`;
}

/**
 * FS_IOC_GETFSUUID (Linux 6.9, any filesystem), else XFS_IOC_FSGEOMETRY_V1 (any Linux). See linux/fs.h and xfs_fs.h;
 * the numbers are those of x86 and ARM.
 */
const uuidByIoctl = String.raw`
open(my $fh, "<", $ARGV[0]) or exit 1;
my $u = "\0" x 17; my $g = "\0" x 112; my $id;
if (ioctl($fh, 0x80111500, $u)) { $id = substr($u, 1, 16) }
elsif (ioctl($fh, 0x80705864, $g)) { $id = substr($g, 64, 16) }
else { exit 1 }
my $h = unpack("H32", $id);
$h =~ s/^(.{8})(.{4})(.{4})(.{4})/$1-$2-$3-$4-/;
print $h;
`;

function parse({ exitCode, stdout }: FactOutput): MountFact {
  if (stdout.startsWith("path exists") || stdout.startsWith("no path")) {
    return { mounted: false, pathExists: stdout.startsWith("path exists") };
  }
  const end = stdout.lastIndexOf("}");
  // Mounts can lie on top of each other; the last one is the one that is seen.
  const mount = asRecords(asRecord(parseJson(stdout.slice(0, end + 1)))?.["filesystems"]).at(-1);
  const filesystem = asString(mount?.["fstype"]);
  if (mount === undefined || filesystem === undefined) {
    throw new Error(exitCode === 124 ? "the filesystem does not answer" : "findmnt said nothing sensible");
  }
  return {
    mounted: true,
    filesystem,
    source: asString(mount["source"]) ?? "",
    uuid: asString(mount["uuid"]) ?? /^uuid (\S+)$/m.exec(stdout.slice(end))?.[1] ?? "",
    ...(asString(mount["label"]) === undefined ? {} : { label: asString(mount["label"]) ?? "" }),
    sizeMiB: mebibytes(mount["size"]),
    freeMiB: mebibytes(mount["avail"]),
  };
}

function mebibytes(value: unknown): number {
  return Math.floor((asNumber(value) ?? Number(asString(value) ?? 0)) / 1024 ** 2);
}
