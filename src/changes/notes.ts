import { NOTES_FOLDER, notesOf, REVISION } from "../desired/notes.ts";
import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { invocationOf } from "./systemd.ts";

/** What a process is about to read, which is noted once it is known to have done so: before it is told. */
export function aboutToRead(unit: string, files: readonly string[]): Command {
  if (files.length === 0) return sh`:`;
  return sh`invocation=$(${invocationOf(unit)})
about=$(stat --printf ${`${REVISION} %n\\n`} -- ${files})`;
}

/** It has read that. Whoever was killed before this line tells it again. */
export function noteRead(unit: string, files: readonly string[]): Command {
  if (files.length === 0) return sh`:`;
  return script([
    sh`( umask 077; mkdir -p ${NOTES_FOLDER}
printf '%s\n' "$about" | while IFS= read -r l; do printf '%s read %s\n' "$invocation" "$l"; done >> ${notesOf(unit)} )`,
  ]);
}

/**
 * Of a file that is about to be replaced, where the process has read it as it is and the new one differs in nothing but
 * a section that nobody reads again: what was noted is true of the new one, too. Tells so once that is in its place.
 */
export function keepNote(
  path: string,
  temporary: string,
  { unit, section }: { readonly unit: string; readonly section: string },
): { readonly before: Command; readonly after: Command } {
  const without = sh`awk -v section=${`^${section}:`} '/^[^ #]/ { skip = $0 ~ section } !skip'`;
  return {
    before: sh`reader=
if [ -f ${path} ] && [ -f ${notesOf(unit)} ]; then
  was="$(stat --printf ${REVISION} -- ${path}) "${path}
  reader=$(while read -r i what l; do [ "$what $l" != "read $was" ] || echo "$i"; done < ${notesOf(unit)} | tail -n 1)
  [ "$(${without} ${path} | sha256sum)" = "$(${without} ${temporary} | sha256sum)" ] || reader=
fi`,
    after: sh`[ -z "$reader" ] ||
  printf '%s read %s %s\n' "$reader" "$(stat --printf ${REVISION} -- ${path})" ${path} >> ${notesOf(unit)}`,
  };
}
