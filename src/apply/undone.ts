import { describe } from "../changes/describe.ts";
import type { Material } from "../changes/material.ts";
import { kindOf } from "../changes/table.ts";
import type { Step, Wait } from "../plan/plan.ts";
import type { RemoteShell } from "../shell/shell.ts";
import type { StepFailure } from "./events.ts";
import { packageWords, serviceWords } from "./last-words.ts";
import type { LastWords } from "./last-words.ts";

const OTHER_TOOL = "Something else on that host undoes it (another configuration tool?). Find it, then run again.";

interface Askable {
  readonly shellFor: (host: string) => RemoteShell;
  readonly materialFor: (resource: string) => Material;
}

/** Of a step that was done three times and is planned again: what the program that undoes it said, if it is one of ours. */
export async function whyUndone(step: Step, { shellFor, materialFor }: Askable): Promise<StepFailure> {
  const words = step.host === undefined ? undefined : await wordsOn(step.host);
  return {
    host: step.host,
    command: describe(step.change),
    exitCode: 0,
    said: [`it was done three times and is still needed: ${step.because}`, ...quoted(words)].join("\n"),
    wayOut:
      words === undefined
        ? (kindOf(step.change).undoneElsewhere ?? OTHER_TOOL)
        : `Mend what ${words.program} complains about, then run again. If that is not the cause: ${OTHER_TOOL}`,
  };

  async function wordsOn(host: string): Promise<LastWords | undefined> {
    switch (kindOf(step.change).undoneBy) {
      case "service":
        return serviceWords(step.resource, shellFor(host), materialFor(step.resource));
      case "packages":
        return packageWords(shellFor(host));
      case "nobody":
        return undefined;
    }
  }
}

/** What the service says there that a wait was in vain for. */
export async function waitWords(
  { resource, host }: Wait,
  { shellFor, materialFor }: Askable,
): Promise<readonly string[]> {
  return host === undefined ? [] : quoted(await serviceWords(resource, shellFor(host), materialFor(resource)));
}

/** Lines of a host, for below a sentence. */
function quoted(words: LastWords | undefined): readonly string[] {
  return words === undefined ? [] : [`${words.program} said:`, ...words.lines.map((line) => `  ${line}`)];
}
