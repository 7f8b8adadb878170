import { hostKindOf, isHostChange } from "../changes/table.ts";
import type { Step } from "../plan/plan.ts";
import { script } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { eachWithInput } from "../changes/each-with-input.ts";

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
 * and how it notices that the connection is gone.
 */
export function batchOf(commands: readonly Command[]): Command {
  const { read, runs, given } = eachWithInput(commands);
  const told = runs.map(({ script: run, display }, number) => ({
    script: `[ ! -e "$stop" ] || exit 0\n${run}\necho 'over ${number}'`,
    display,
  }));
  const { script: text } = script([...read, WATCH_FOR_STOP, ...told]);
  return given({ script: text, display: commands.map(({ display }) => display).join("\n") });
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
