import { sh } from "../shell/command.ts";
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
  const lookForFiles = sh`for p in ${paths}; do [ -e "$p" ] || printf 'absent %s\n' "$p"; done`;
  const command =
    locales.length === 0
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
  return { command, parse };
}

function parse({ exitCode, stdout }: { readonly exitCode: number; readonly stdout: string }): InstalledFact {
  if (exitCode !== 0) throw new Error("looking for installed files takes too long");
  const lines = stdout.split("\n").filter((line) => line !== "");
  const told = (what: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${what} `) ? [line.slice(what.length + 1)] : []));
  return {
    absent: told("absent"),
    charsets: Object.fromEntries(told("charset").map((line) => line.split(" "))) as Readonly<Record<string, string>>,
    locales: lines.filter((line) => !line.includes(" ")),
  };
}
