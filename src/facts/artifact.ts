import { stampOf } from "../desired/notes.ts";
import { sh } from "../shell/command.ts";
import type { Fact } from "./fact.ts";

/**
 * Digest of the archive that was unpacked at a path, from the stamp (`.sha256`) that unpacking leaves there last;
 * undefined when there is none. A stamp keeps the look cheap: a tree is never digested again, and a file that was
 * changed or added since the stamp was left shows by its time. What Python compiles for itself is no change.
 */
export function artifactFact(path: string): Fact<string | undefined> {
  const stamp = stampOf(path);
  const changed = sh`find ${path} -type f -newer ${stamp} ! -name '*.pyc' -printf 'changed %p\n' -quit`;
  return {
    command: sh`IFS= read -r s <${stamp} && printf '%s\n' "$s" && ${changed}`,
    parse: ({ stdout }) => (/^changed /m.test(stdout) ? CHANGED : /^[0-9a-f]{64}$/m.exec(stdout)?.[0]),
  };
}

/** In place of the digest, where the tree is not what was unpacked any more. */
const CHANGED = "changed";
