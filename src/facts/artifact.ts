import { sh } from "../shell/command.ts";
import type { Fact } from "./fact.ts";

/**
 * Digest of the archive that was unpacked at a path, from the stamp (`.sha256`) that unpacking leaves there last;
 * undefined when there is none. A stamp keeps the look cheap: a tree is never digested again.
 */
export function artifactFact(path: string): Fact<string | undefined> {
  return {
    command: sh`IFS= read -r s <${`${path}/.sha256`} && printf '%s\n' "$s"`,
    parse: ({ stdout }) => /^[0-9a-f]{64}$/.exec(stdout.trimEnd())?.[0],
  };
}
