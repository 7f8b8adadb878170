import type { DesiredDirectory } from "../desired/host.ts";
import type { PathFact } from "../facts/types.ts";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { octal } from "../text/octal.ts";
import type { HostChangeKind } from "./change-kind.ts";

/** Makes a directory or mends its owner and mode; never removes, never recurses. */
export interface MakeDirectory {
  readonly kind: "make-directory";
  readonly directory: DesiredDirectory;
  readonly before: PathFact;
}

export const makeDirectory: HostChangeKind<MakeDirectory> = {
  kind: "make-directory",
  describe: ({ directory: { path, owner, group, mode }, before }) =>
    before.kind === "absent" ? `make directory ${path}` : `set owner ${owner}:${group}, mode ${octal(mode)} on ${path}`,
  target: ({ directory }) => directory.path,
  action: ({ before }) => (before.kind === "absent" ? "create" : "change"),
  event: "DirectoryMade",
  undoneBy: "service",
  command: ({ directory }) => makeOf(directory),
  quick: true,
};

export function makeOf({ path, owner, group, mode }: DesiredDirectory): Command {
  return sh`install -d -o ${owner} -g ${group} -m ${octal(mode)} ${path}`;
}
