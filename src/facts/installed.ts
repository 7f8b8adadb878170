import { createHash } from "node:crypto";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { askImage, untilLookEnds } from "./ask-image.ts";
import type { Fact } from "./fact.ts";

/** Of what was asked about, what a host has. */
export interface InstalledFact {
  /** Paths at which there is nothing. */
  readonly absent: readonly string[];
  /** The character set of each locale that is there, as `locale charmap` calls it: `UTF-8`, `ISO-8859-15`. */
  readonly charsets: Readonly<Record<string, string>>;
  /** Every locale of the host; told only where one of those asked about is not there. */
  readonly locales: readonly string[];
}

/**
 * Files are looked for by the shell itself. A locale costs a process, so only what glibc may lack is to be asked about.
 */
export function installedFact(question: {
  readonly paths: readonly string[];
  readonly locales: readonly string[];
}): Fact<InstalledFact> {
  const { paths, locales } = question;
  if (paths.length + locales.length === 0) return { command: sh`true`, parse };
  return { command: lookFor(paths, locales), parse };
}

/**
 * What an image has, asked once for each image, question and boot; undefined while nobody could be asked. Paths below
 * `volume` are the host's in a container, too.
 */
export function installedInFact(
  image: string,
  question: { readonly paths: readonly string[]; readonly locales: readonly string[]; readonly volume: string },
): Fact<InstalledFact | undefined> {
  const isOnHost = (path: string): boolean => path.startsWith(`${question.volume}/`);
  const paths = question.paths.filter((path) => !isOnHost(path));
  const ofHost = lookFor(question.paths.filter(isOnHost), []);
  if (paths.length + question.locales.length === 0) return { command: ofHost, parse: (output) => parse(output) };
  const inside = lookFor(paths, question.locales);
  const digest = createHash("sha256").update(inside.script).digest("hex").slice(0, 16);
  const asked = { name: `has-${digest}`, script: `${inside.script}\necho ${KNOWN}`, last: KNOWN };
  return {
    command: sh`${untilLookEnds}
${askImage(image, asked, sh`docker image inspect --format . ${image} >/dev/null`)}
[ ! -s "$f" ] || cat "$f"
${ofHost}`,
    parse: (output) => (output.stdout.split("\n").includes(KNOWN) ? parse(output) : undefined),
  };
}

/** The last line of an answer that is whole. */
const KNOWN = "known";

function lookFor(paths: readonly string[], locales: readonly string[]): Command {
  const lookForFiles = sh`for p in ${paths}; do [ -e "$p" ] || printf 'absent %s\n' "$p"; done`;
  return locales.length === 0
    ? sh`${lookForFiles}
true`
    : sh`${lookForFiles}
a=
for l in ${locales}; do
  c=$(LC_ALL="$l" locale charmap 2>&1)
  case $c in ''|*' '*) a=1 ;; *) printf 'charset %s %s\n' "$l" "$c" ;; esac
done
if [ -n "$a" ]; then locale -a; fi
true`;
}

function parse({ exitCode, stdout }: { readonly exitCode: number; readonly stdout: string }): InstalledFact {
  if (exitCode !== 0) throw new Error("looking for installed files takes too long");
  const lines = stdout.split("\n").filter((line) => line !== "");
  const told = (what: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${what} `) ? [line.slice(what.length + 1)] : []));
  return {
    absent: told("absent"),
    charsets: Object.fromEntries(told("charset").map((line) => line.split(" "))) as Readonly<Record<string, string>>,
    locales: lines.filter((line) => !line.includes(" ") && line !== KNOWN),
  };
}
