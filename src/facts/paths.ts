import { REVISION } from "../desired/notes.ts";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";
import type { PathFact } from "./types.ts";

/**
 * What is at each of these paths. A symbolic link is never followed: it is `other`. The `yielding` ones among them are
 * looked into: are they pgha's own?
 */
export function pathsFact(
  paths: readonly string[],
  yielding: readonly string[] = [],
): Fact<Readonly<Record<string, PathFact>>> {
  if (paths.length === 0) {
    return { command: sh`true`, parse: () => ({}) };
  }
  // One stat and one sha256sum for all; NUL as separator leaves no name ambiguous.
  const command = sh`
set -- ${paths}
stat --printf ${`%F\\t%U\\t%G\\t%a ${REVISION} %u %g\\t%n\\0`} -- "$@"
for p; do shift; if [ -f "$p" ] && [ ! -h "$p" ]; then set -- "$@" "$p"; fi; done
printf '\0'
if [ $# -gt 0 ]; then sha256sum --binary --zero -- "$@"; fi
true`;
  return {
    command:
      yielding.length === 0
        ? command
        : sh`${command}
${lookInto(yielding)}`,
    parse: (output) => parse(output, paths, yielding),
  };
}

/** Says which begin as pgha's files do, a script below its first line. By the shell itself: no process more. */
function lookInto(yielding: readonly string[]): Command {
  return sh`
for p in ${yielding}; do if [ -f "$p" ] && [ ! -h "$p" ]; then
read -r l <"$p"; case $l in '#!'*) { read -r l; read -r l; } <"$p";; esac
case $l in '# Written by pgha'*) printf 'own %s\0' "$p";; esac
fi; done
true`;
}

function parse(
  { exitCode, stdout }: FactOutput,
  paths: readonly string[],
  yielding: readonly string[],
): Readonly<Record<string, PathFact>> {
  if (exitCode !== 0) {
    throw new Error(exitCode === 124 ? "looking at files takes too long" : `stat failed with exit code ${exitCode}`);
  }
  const end = stdout.startsWith("\0") ? 0 : stdout.indexOf("\0\0") + 1;
  const stats = new Map<string, string>();
  for (const record of stdout.slice(0, end).split("\0")) {
    const [, attributes, path] = /^([^\t]*\t[^\t]*\t[^\t]*\t[^\t]*)\t(.*)$/s.exec(record) ?? [];
    if (attributes !== undefined && path !== undefined) {
      stats.set(path, attributes);
    }
  }
  const digests = new Map<string, string>();
  const own = new Set<string>();
  for (const record of stdout.slice(end).split("\0")) {
    const [, digest, path] = /^([0-9a-f]{64}) [ *](.*)$/s.exec(record) ?? [];
    if (digest !== undefined && path !== undefined) {
      digests.set(path, digest);
    } else if (record.startsWith("own ")) {
      own.add(record.slice("own ".length));
    }
  }
  return Object.fromEntries(
    paths.map((path) => {
      const fact = pathFact(stats.get(path), digests.get(path));
      return [path, fact.kind === "file" && yielding.includes(path) ? { ...fact, own: own.has(path) } : fact];
    }),
  );
}

function pathFact(attributes: string | undefined, sha256: string | undefined): PathFact {
  if (attributes === undefined) {
    return { kind: "absent" };
  }
  const [what = "", owner = "", group = "", numbers = ""] = attributes.split("\t");
  const [octal = "", revision, uid, gid] = numbers.split(" ");
  const mode = Number.parseInt(octal, 8);
  const ids = uid === undefined || gid === undefined ? {} : { uid: Number(uid), gid: Number(gid) };
  switch (what) {
    case "regular file":
    case "regular empty file":
      return {
        kind: "file",
        sha256: sha256 ?? "",
        owner,
        group,
        mode,
        ...ids,
        ...(revision === undefined ? {} : { revision }),
      };
    case "directory":
      return { kind: "directory", owner, group, mode, ...ids };
    default:
      return { kind: "other", what };
  }
}
