import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";

/** What pgha made on a host and is still there. */
export interface LeftoversFact {
  /** Files that begin as pgha's files do. */
  readonly files: readonly string[];
  readonly trees: readonly string[];
  readonly directories: readonly string[];
}

export interface LeftoversQuestion {
  /** Looked into: only those that match `mark` count. */
  readonly files: readonly string[];
  /** A basic regular expression for the first line, or the second of a script. */
  readonly mark: string;
  readonly trees: readonly string[];
  readonly directories: readonly string[];
}

/** Which of these paths exist, and which of the files are pgha's. */
export function leftoversFact({ files, mark, trees, directories }: LeftoversQuestion): Fact<LeftoversFact> {
  const command = sh`
for p in ${files}; do
  if [ -f "$p" ] && [ ! -h "$p" ] && sed -n '1{/^#!/n;p;q}' "$p" | grep -q ${mark}; then printf 'file %s\n' "$p"; fi
done
for p in ${trees}; do if [ -d "$p" ] && [ ! -h "$p" ]; then printf 'tree %s\n' "$p"; fi; done
for p in ${directories}; do if [ -e "$p" ]; then printf 'directory %s\n' "$p"; fi; done
echo end`;
  return { command, parse };
}

function parse({ exitCode, stdout }: FactOutput): LeftoversFact {
  const lines = stdout.trimEnd().split("\n");
  if (exitCode !== 0 || lines.at(-1) !== "end") throw new Error("what is left cannot be told");
  const of = (kind: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));
  return { files: of("file"), trees: of("tree"), directories: of("directory") };
}
