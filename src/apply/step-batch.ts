import { hostKindOf, isHostChange } from "../changes/table.ts";
import type { Step } from "../plan/plan.ts";
import { script, secret, secretsOf, sh, withStdin } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/** The same steps in the same order, cut into what goes to the host in one exec. */
export function inBatches(steps: readonly Step[]): readonly (readonly Step[])[] {
  return steps.reduce<readonly (readonly Step[])[]>((batches, step) => {
    const last = batches.at(-1);
    const joins = last !== undefined && [...last, step].every(isQuick);
    return joins ? [...batches.slice(0, -1), [...last, step]] : [...batches, [step]];
  }, []);
}

/** What an exec costs (a round trip, a process of sshd, a login shell) is more than what these do. */
function isQuick({ change }: Step): boolean {
  return isHostChange(change) && hostKindOf(change).quick === true;
}

/**
 * Several commands as one, that tells on standard output of each that succeeded (see stepOver), ends with the exit code
 * of the first that does not, and begins no other once its standard input has ended: that is how it is told to stop,
 * and how it notices that the connection is gone. What the commands print goes to standard error.
 *
 * Inputs come first on standard input, a line each, and live in shell variables only.
 */
export function batchOf(commands: readonly Command[]): Command {
  const inputs = commands.map(({ stdin }) => (stdin === undefined ? undefined : Buffer.from(stdin).toString("base64")));
  const read = inputs.flatMap((input, number) =>
    input === undefined ? [] : [{ script: `IFS= read -r i${number}`, display: "" }],
  );
  const run = commands.map((command, number): Command => {
    const shell = sh`sh -c ${command.script} >&2`.script;
    const feed =
      inputs[number] === undefined ? `${shell} </dev/null` : `printf '%s' "$i${number}" | base64 -d | ${shell}`;
    return { script: `[ ! -e "$stop" ] || exit 0\n${feed}\necho 'over ${number}'`, display: command.display };
  });
  const { script: text } = script([...read, WATCH_FOR_STOP, ...run]);
  return withStdin(
    { script: text, display: commands.map(({ display }) => display).join("\n") },
    secret(inputs.flatMap((input) => (input === undefined ? [] : [`${input}\n`])).join("")),
    secretsOf(commands),
  );
}

/** The number of the command that a line of standard output tells the success of. */
export function stepOver(line: string): number | undefined {
  const number = /^over ([0-9]+)$/.exec(line)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Descriptor 8 is the step lock, which this watcher must not keep. */
const WATCH_FOR_STOP: Command = {
  script: `stop=/run/pgha/stop.$$; rm -f "$stop"
exec 3<&0
{ while IFS= read -r _; do :; done; : >"$stop"; } <&3 >/dev/null 2>&1 3<&- 8>&- &
watcher=$!
trap 'kill $watcher 2>/dev/null || true; rm -f "$stop"' EXIT
exec 3<&-`,
  display: "",
};
