import type { Outcome, StepFailure } from "../../apply/events.ts";
import { describe } from "../../changes/describe.ts";
import { formatBlockers } from "../../plan/format-hindrances.ts";
import type { Step } from "../../plan/plan.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import { formatStatuses } from "../../status/format.ts";
import { atHost, wayOutAt } from "../../text/at-host.ts";
import { duration } from "../../text/duration.ts";
import { paragraph } from "../../text/layout.ts";
import { printable } from "../../text/printable.ts";
import { EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import type { LoadedStack } from "../load-stack.ts";
import { asMessage } from "../screen.ts";
import type { Screen } from "../screen.ts";
import { secretsFolderFor } from "../secrets-folder.ts";

interface Ending {
  readonly loaded: LoadedStack;
  readonly invocation: Invocation;
  /** A person said no to the plan. */
  readonly declined: boolean;
  /** What --timings shows; empty without it. */
  readonly timings: string;
  /** What to run again. */
  readonly command: string;
}

/** Says how an apply ended and what to do now; returns the exit code. Results go to stdout, faults to stderr. */
export function reportOutcome(
  outcome: Outcome,
  pass: Pass,
  { loaded, invocation, declined, timings, command }: Ending,
): number {
  const { screen, environment } = invocation;
  const { style } = screen;
  const status = (): string =>
    formatStatuses(pass.statuses, {
      style,
      columns: screen.columns,
      allConditions: false,
      secretsFolder: secretsFolderFor(loaded, environment),
    });
  const end = (code: number, text: string, remark = ""): number => {
    screen.print([text, timings].filter((part) => part !== "").join("\n"));
    if (screen.log !== undefined) {
      screen.log[code === EXIT.ok ? "info" : "error"](remark === "" ? "apply ended" : asMessage(remark), {
        event: "ended",
        outcome: outcome.kind,
      });
    } else {
      screen.remark(remark);
    }
    return code;
  };
  switch (outcome.kind) {
    case "converged":
      return end(EXIT.ok, status());
    case "blocked": {
      const last = `${style.bad("error:")} blocked; run ${command} again once that is out of the way`;
      return end(EXIT.error, "", `${[...formatBlockers(outcome.plan.blockers, screen), "", last].join("\n")}\n`);
    }
    case "failed":
      return end(EXIT.error, "", `${failureLines(outcome.step, outcome.failure, screen).join("\n")}\n`);
    case "deadline": {
      const { wait, waitedMs, said } = outcome;
      const waited = `waited ${duration(waitedMs)} for ${wait.for}, in vain`;
      const wayOut = paragraph(`way out: ${printable(wayOutAt(wait.host, wait.wayOut))}`, 2, screen.columns);
      return end(
        EXIT.error,
        status(),
        `${style.bad("error:")} ${printable(atHost(wait.host ?? wait.resource, waited))} [${wait.reason}]\n` +
          `${block(said.join("\n"))}${wayOut.join("\n")}\n`,
      );
    }
    case "interrupted":
      return declined
        ? end(EXIT.error, "Nothing was changed.\n")
        : end(EXIT.interrupted, "", `Stopped between steps. What is done stays done: run ${command} again to go on.\n`);
  }
}

/** What failed, with the words of the host and the command, for people. */
export function failureLines(
  step: Step,
  { host, command, exitCode, said, wayOut }: StepFailure,
  { style, columns }: Screen,
): readonly string[] {
  return [
    `${style.bad("error:")} ${style.bold(host ?? "here")}: ${printable(describe(step.change))} ` +
      `failed${exitCode === undefined ? "" : ` with exit code ${exitCode}`}`,
    ...(said.trim() === "" ? [] : ["  it said", block(said.trimEnd()).trimEnd()]),
    "  the command was",
    ...block(shortened(command))
      .trimEnd()
      .split("\n")
      .map((line) => style.dim(line)),
    ...paragraph(`way out: ${printable(wayOut)}`, 2, columns),
  ];
}

/** What a host said, further in, with a line end behind each line. */
function block(text: string): string {
  return text === ""
    ? ""
    : printable(text)
        .split("\n")
        .map((line) => `    ${line}\n`)
        .join("");
}

const COMMAND_LINES = 12;

function shortened(command: string): string {
  const lines = command.trim().split("\n");
  return lines.length <= COMMAND_LINES
    ? lines.join("\n")
    : [...lines.slice(0, COMMAND_LINES), `(and ${lines.length - COMMAND_LINES} lines more)`].join("\n");
}
