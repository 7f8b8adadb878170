import { insideOf } from "../../desired/container.ts";
import { notesOf } from "../../desired/notes.ts";
import { sh } from "../../shell/command.ts";
import type { Fact, FactOutput } from "../fact.ts";
import { defined } from "../narrow.ts";
import { readNotes } from "./notes.ts";
import type { UnitFact } from "./unit-fact.ts";

export interface UnitQuestion {
  readonly name: string;
  /** Path of the program that its main process runs itself, to be told when another has taken its place. */
  readonly program?: string;
}

const PROPERTIES = [
  "LoadState",
  "ActiveState",
  "SubState",
  "UnitFileState",
  "MainPID",
  "InvocationID",
  "NeedDaemonReload",
  "NRestarts",
  "DropInPaths",
  "Environment",
  "LimitNOFILE",
];

/**
 * systemd units by name, from one `systemctl show`, and what their main processes were started from: a mark in the
 * environment, the notes of its start, the program by its inode, which an upgrade replaces under it, and the open files
 * that it got. Of one that runs a container, the first process in there counts. A unit that does not exist has
 * loadState `not-found`.
 */
export function unitsFact(questions: readonly UnitQuestion[]): Fact<Readonly<Record<string, UnitFact>>> {
  if (questions.length === 0) {
    return { command: sh`true`, parse: () => ({}) };
  }
  const names = questions.map(({ name }) => name);
  const programs = questions.flatMap(({ program }) => program ?? []);
  return {
    command: sh`s=$(systemctl show --property ${PROPERTIES.join(",")} -- ${names}) || exit
printf '%s\n\n' "$s"
for f in ${names.map(notesOf)}; do
  if [ -r "$f" ]; then while IFS= read -r l; do printf 'noted %s %s\n' "\${f##*/}" "$l"; done <"$f"; fi
done
for f in ${names.map(insideOf)}; do
  if [ -r "$f" ] && read -r p l <"$f"; then printf 'inside %s %s\n' "\${f##*/}" "$p $l"; s="$s MainPID=$p"; fi
done
set -f; set -- ${programs}
for w in $s; do
  case $w in MainPID=0) continue ;; MainPID=*) p=\${w#MainPID=} ;; *) continue ;; esac
  m=$(grep -a -o -m 1 'PGHA_UNIT=[0-9a-f]*' "/proc/$p/environ") && printf 'started %s %s\n' "$p" "\${m#*=}"
  while read -r a b c d e g; do
    case "$a $b $c" in 'Max open files') printf 'files %s %s\n' "$p" "$e" && break ;; esac
  done 2>/dev/null <"/proc/$p/limits"
  for f; do if [ "/proc/$p/exe" -ef "$f" ]; then printf 'runs %s %s\n' "$p" "$f"; fi; done
done
true`,
    parse: (output) => parse(output, questions),
  };
}

/**
 * One block of lines per name, in the order asked, an empty line between (systemctl(1), show); then what processes
 * show.
 */
function parse(
  { exitCode, stdout }: FactOutput,
  questions: readonly UnitQuestion[],
): Readonly<Record<string, UnitFact>> {
  const blocks = stdout.trim().split(/\n\n+/);
  if (exitCode !== 0 || blocks.length < questions.length) {
    throw new Error(
      exitCode === 127 ? "there is no systemctl on the host" : `systemctl show failed with exit code ${exitCode}`,
    );
  }
  const processes = blocks.slice(questions.length).join("\n").split("\n");
  return Object.fromEntries(
    questions.map((question, index) => [question.name, unitFact(question, blocks[index] ?? "", processes)]),
  );
}

function unitFact({ name, program }: UnitQuestion, block: string, processes: readonly string[]): UnitFact {
  const properties = new Map(
    block.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  const text = (property: string): string => properties.get(property) ?? "";
  const ofUnit = Number(properties.get("MainPID") ?? 0);
  const [, , inside, , , image] = processes.find((line) => line.startsWith(`inside ${name} `))?.split(" ") ?? [];
  // What is left of a container whose unit does not run is none.
  const mainPid = inside === undefined || ofUnit === 0 ? ofUnit : Number(inside);
  const started = processes.find((line) => line.startsWith(`started ${mainPid} `));
  const files = processes.find((line) => line.startsWith(`files ${mainPid} `))?.split(" ")[2];
  const fileLimit = Number(text("LimitNOFILE") || NaN);
  return defined({
    loadState: text("LoadState"),
    activeState: text("ActiveState"),
    subState: text("SubState"),
    unitFileState: text("UnitFileState"),
    mainPid,
    needsDaemonReload: text("NeedDaemonReload") === "yes",
    restarts: Number(properties.get("NRestarts") ?? 0),
    dropIns: words(text("DropInPaths")),
    environment: words(text("Environment")),
    fileLimit: Number.isNaN(fileLimit) ? undefined : fileLimit,
    filesAllowed: files === undefined || !/^[0-9]+$/.test(files) ? undefined : Number(files),
    startedMark: started?.split(" ")[2],
    ...readNotes(processes, name, text("InvocationID")),
    image: mainPid === ofUnit ? undefined : image,
    // What is in a container stays as it is for as long as that lives.
    isReplaced:
      program === undefined || mainPid === 0 || mainPid !== ofUnit
        ? undefined
        : !processes.includes(`runs ${mainPid} ${program}`),
  });
}

function words(text: string): readonly string[] {
  return text.split(" ").filter((word) => word !== "");
}
