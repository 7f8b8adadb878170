import { volumeLink } from "../desired/volumes.ts";
import type { VolumeName } from "../desired/volumes.ts";
import { pathFault } from "./faults.ts";
import { each, refuseFaults } from "./refusal.ts";

/**
 * A unit for systemd.mount(5) that mounts what is there. `nofail`, and wanted instead of required: a host whose volume
 * is away comes up all the same, to be looked at, and at once. What needs the volume says so itself (patroniDropIn).
 */
export function mountUnit(input: {
  readonly path: string;
  readonly volume: VolumeName;
  readonly filesystem: string | undefined;
  readonly options: readonly string[];
}): string {
  const { path, volume, filesystem = "auto", options } = input;
  refuseFaults(path, [
    ["path", pathFault(path)],
    [volume.by, /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(volume.name) ? undefined : "is no name of a filesystem"],
    ["filesystem", /^[a-z0-9]+$/.test(filesystem) ? undefined : "is no kind of filesystem"],
    ...each("options", options, (option) => (/^[a-z][A-Za-z0-9_.=:+-]*$/.test(option) ? undefined : "is no option")),
  ]);
  return [
    "# Written by pgha, which brings it back when it is changed here: change the manifest instead.",
    "[Unit]",
    "Description=Data volume of PostgreSQL, mounted by pgha",
    "",
    "[Mount]",
    `What=${volumeLink(volume)}`,
    `Where=${path}`,
    `Type=${filesystem}`,
    `Options=${[...new Set(["nofail", ...options])].join(",")}`,
    "",
    "[Install]",
    "WantedBy=local-fs.target",
    "",
  ].join("\n");
}
