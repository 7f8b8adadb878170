import { oncePer } from "../keep-last.ts";
import { secret, secretsOf, sh, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { underLookLock } from "../shell/host-lock.ts";
import type { FactSet } from "./fact.ts";

/** Longest time one fact may take on the host before it is killed and answered for with exit code 124. */
export const FACT_SECONDS = 8;

/** A set of questions without what is told apart from look to look. */
interface Wording {
  readonly numberOf: ReadonlyMap<string, number>;
  /** Standard input of those that have one, a line each. */
  readonly inputs: readonly string[];
  readonly script: string;
}

/** Which question of the batch answers a fact, by the fact's name. */
export function questionNumbers(set: FactSet): ReadonlyMap<string, number> {
  return wordingOf(set).numberOf;
}

/** A host is asked the same again and again, and the scripts are long: put into words once for each set. */
const wordingOf = oncePer((set: FactSet): Wording => word(set, FACT_SECONDS));

/** Scripts and inputs of a set, each distinct pair once, in the order of their first use. */
function distinctQuestions(set: FactSet): {
  readonly questions: readonly Command[];
  readonly numberOf: ReadonlyMap<string, number>;
} {
  const questions: Command[] = [];
  const numbers = new Map<string, number>();
  const numberOf = new Map<string, number>();
  for (const [name, { command }] of Object.entries(set)) {
    const key = JSON.stringify([command.script, inputLine(command) ?? null]);
    let number = numbers.get(key);
    if (number === undefined) {
      number = questions.push(command) - 1;
      numbers.set(key, number);
    }
    numberOf.set(name, number);
  }
  return { questions, numberOf };
}

/**
 * All facts of a host as one command.
 *
 * They run side by side in one shell, each in a part of its own, each writing to a file of its own in a private
 * directory on tmpfs, which is printed in one go and removed. One `timeout` has that shell (SIGKILL to its whole
 * process group): what is answered by then is printed, so that not even a process stuck in the kernel holds up the
 * rest. A shell and a `timeout` for each question were half of what a host spent on a look. Every answer stands between
 * two lines that hold `nonce`; the nonce and the inputs of facts (logins) reach the host on standard input, one line
 * each, and live in shell variables only: neither `ps` nor a fact's own output can know them. The host's clock is read
 * at both ends, around the wait for the look lock.
 * All have `seconds` to be answered. Exits with exitCodeOfLock when a step holds the host for too long.
 */
export function batch(set: FactSet, nonce: string, seconds = FACT_SECONDS): Command {
  if (!/^[0-9a-zA-Z-]{8,}$/.test(nonce)) {
    throw new TypeError("a nonce is at least 8 letters or digits");
  }
  const { script, inputs } = seconds === FACT_SECONDS ? wordingOf(set) : word(set, seconds);
  return withStdin(
    {
      script,
      get display() {
        return displayOf(set);
      },
      repeatable: true,
    },
    secret([nonce, ...inputs, ""].join("\n")),
    secretsOf(Object.values(set).map(({ command }) => command)),
  );
}

function word(set: FactSet, seconds: number): Wording {
  const { questions, numberOf } = distinctQuestions(set);
  const inputs = questions.map(inputLine);
  const read = inputs.map((input, number) => (input === undefined ? "" : `IFS= read -r i${number}\n`)).join("");
  const answers = underLookLock({ script: askAll(questions, seconds, read), display: "" });
  const script = `${prologue}${read}${tellTime}${answers.script}\ne=$?\n${tellTime}exit $e`;
  return { numberOf, inputs: inputs.filter((input) => input !== undefined), script };
}

/** Long, and hardly ever shown. */
function displayOf(set: FactSet): string {
  return Object.entries(set)
    .map(([name, { command }]) => `# ${name}\n${command.display}`)
    .join("\n");
}

const prologue = `set +e
IFS= read -r n
`;

const tellTime = `printf '\\n%s at %s\\n' "$n" "$(date +%s%3N)"
`;

/**
 * `q NUMBER SCRIPT` answers one question; its standard input is the question's own. The shell that asks reads what it
 * does from descriptor 9, for its arguments could be too long, and the nonce and the inputs from standard input: what
 * is exported everybody who is started could read.
 */
function askAll(questions: readonly Command[], seconds: number, read: string): string {
  const inputs = questions.map((question, number) => (question.stdin === undefined ? "" : ` "$i${number}"`)).join("");
  const start = questions.map((question, number) => startScript(question, number)).join("\n");
  const files = questions.map((_, number) => ` "$d/${number}"`).join("");
  return `umask 077
d=$(mktemp -d /run/pgha/look.XXXXXXXX) || exit 125
trap 'rm -rf "$d"' EXIT
trap 'exit 129' HUP INT TERM
printf '%s\\n' "$n"${inputs} | timeout -s KILL ${seconds} sh /dev/fd/9 "$d" 9<<'${ASKED}'
set +e
d=$1
IFS= read -r n
${read}q() {
  printf '\\n%s in %s\\n' "$n" "$1"
  (s=$2; set --; eval "$s")
  printf '\\n%s out %s %s\\n' "$n" "$1" "$?"
}
${start}
wait
${ASKED}
cat /dev/null${files}`;
}

/** The line after which the shell that asks has read all that it does. */
const ASKED = "pgha has asked all";

/** Descriptor 8 is the look lock: a process that cannot be killed must not keep it. */
function startScript(question: Command, number: number): string {
  const answer = sh`q ${number} ${question.script}`.script;
  const redirect = `>"$d/${number}" 2>/dev/null 8>&- 9<&- &`;
  return question.stdin === undefined
    ? `${answer} </dev/null ${redirect}`
    : `{ printf '%s' "$i${number}" | base64 -d | ${answer}; } ${redirect}`;
}

/** Standard input of a question as one line that any shell can read and hold, whatever bytes are in it. */
function inputLine(command: Command): string | undefined {
  return command.stdin === undefined ? undefined : Buffer.from(command.stdin).toString("base64");
}
