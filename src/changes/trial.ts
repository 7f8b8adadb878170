import { TRIAL_SECONDS } from "../desired/trial.ts";
import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { callOff, runLater } from "./systemd.ts";

/** How plans say it. */
export const TRIAL_WORDS = `it is taken back after ${TRIAL_SECONDS} s unless pgha comes in by a new SSH connection`;

/**
 * Sets the host to run `back`, a script, by itself after a while: whoever is cut off can do nothing about it. To be
 * begun before anything is live.
 */
export function beginTrial(name: string, back: readonly string[]): Command {
  return script([sh`printf '%s\n' ${back} >${pathOf(name)}`, runLater(name, TRIAL_SECONDS, pathOf(name))]);
}

/** Ends it. Where it has ended by itself, what was tried is gone, and that is told. */
export function endTrial(name: string): Command {
  const late = `pgha did not come in by a new SSH connection within ${TRIAL_SECONDS} s: the host has taken it back`;
  return script([callOff(name, late), sh`rm -f ${pathOf(name)}`]);
}

function pathOf(name: string): string {
  return `/run/${name}.sh`;
}
