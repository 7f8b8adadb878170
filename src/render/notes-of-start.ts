import { NOTES_FOLDER, notesOf, REVISION, stampOf } from "../desired/notes.ts";
import type { Service } from "../desired/services.ts";

/**
 * Shell lines for right before a start, whoever asks for it: which files the process is about to be started from, and
 * which it is about to read. A tree of libraries counts if it is as it was left when it was unpacked. There is no
 * single quote in it.
 */
export function notesItsStart({ unit: name, unitFile, startsFrom, reads }: Service, tree?: string): string {
  const notes = notesOf(name);
  const stamp = tree === undefined ? undefined : stampOf(tree);
  const withId = String.raw`sed "s/^/$i from /"`;
  return [
    String.raw`rm -f ${notes}; umask 077; mkdir -p ${NOTES_FOLDER}; i=$INVOCATION_ID`,
    String.raw`{ sha256sum ${[unitFile, ...startsFrom].join(" ")} | ${withId}`,
    ...(stamp === undefined
      ? []
      : [
          String.raw`[ -n "$(find ${tree} -type f -newer ${stamp} ! -name "*.pyc" -print -quit)" ] ||` +
            String.raw` sha256sum ${stamp} | ${withId}`,
        ]),
    String.raw`stat --printf "$i read ${REVISION} %n\n" ${reads.join(" ")}; } >${notes}.new`,
    `mv ${notes}.new ${notes}`,
  ].join("; ");
}
