/**
 * What is noted on a host of the processes that run there (ADR 25): files that one was started from, by digest, and
 * files that it has read, by revision. Each line begins with systemd's id of that very process, so what was noted of
 * another is worth nothing. They go with the machine's power, as the processes do.
 */
export const NOTES_FOLDER = "/run/pgha/read";

/** Where the notes of a unit are. */
export function notesOf(unit: string): string {
  return `${NOTES_FOLDER}/${unit}`;
}

/**
 * A file's inode and the time of its last change, which nobody can set, in the words of stat(1). While they are the
 * same, nobody wrote to the file or put another in its place, whatever clocks say.
 */
export const REVISION = "%i:%.9Z";

/**
 * Noted among what a process was started from, where pgha replaced its package since. Of a program that an interpreter
 * runs nothing else tells: it has no inode of its own, and not each package has another version to say.
 */
export const PROGRAM = "/program";

/** The digest of what was unpacked in a folder, which unpacking leaves there last: what is newer was changed since. */
export function stampOf(folder: string): string {
  return `${folder}/.sha256`;
}
