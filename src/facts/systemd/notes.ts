import type { UnitFact } from "./unit-fact.ts";

/**
 * What was noted of a unit (src/desired/notes.ts), out of lines `noted UNIT INVOCATION from DIGEST PATH` and
 * `noted UNIT INVOCATION read REVISION PATH`. Of what other processes of it were started from, and have read, nothing
 * is known of this one. What was noted last counts.
 */
export function readNotes(
  lines: readonly string[],
  unit: string,
  invocation: string,
): { readonly startedFrom?: UnitFact["startedFrom"]; readonly read?: UnitFact["read"] } {
  const notes = lines.flatMap((line) => {
    const [, of, by, what, value = "", path = ""] = /^noted (\S+) (\S+) (from|read) (\S+) +(\/.*)$/.exec(line) ?? [];
    return of === unit ? [{ isOwn: by === invocation && invocation !== "", what, value, path }] : [];
  });
  const own = (what: string): Readonly<Record<string, string>> =>
    Object.fromEntries(notes.flatMap((note) => (note.isOwn && note.what === what ? [[note.path, note.value]] : [])));
  return {
    ...(notes.some(({ what }) => what === "from") ? { startedFrom: own("from") } : {}),
    ...(notes.length > 0 ? { read: own("read") } : {}),
  };
}
