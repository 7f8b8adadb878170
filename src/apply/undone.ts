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

/**
 * Of a step that was done three times and is planned again: what the program that undoes it said, if it is one of ours.
 */
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

/**
 * What the service says there that a wait was in vain for. What may come from any of several hosts, a leader say, may
 * fail on each of them: those are asked that a sign was looked for on, and what several say alike is said once.
 */
export async function waitWords(
  { resource, host, signs = [] }: Wait,
  { shellFor, materialFor }: Askable,
): Promise<readonly string[]> {
  const ask = async (one: string): Promise<readonly [string, LastWords | undefined]> => [
    one,
    await serviceWords(resource, shellFor(one), materialFor(resource)),
  ];
  if (host !== undefined) return quoted((await ask(host))[1]);
  const said = await Promise.all([...new Set(signs.map((sign) => sign.host))].map(ask));
  return [...Map.groupBy(said, ([, words]) => likeness(words))].flatMap(([, alike]) =>
    quoted(alike[0]?.[1], alike.map(([name]) => name).join(" and ")),
  );
}

/** Times and numbers left out, the same of what is the same. */
function likeness(words: LastWords | undefined): string {
  return (words?.lines ?? []).join("\n").replaceAll(/[0-9]+/g, "0");
}

/** Lines of a host, for below a sentence. */
function quoted(words: LastWords | undefined, where = ""): readonly string[] {
  const place = where === "" ? "" : ` on ${where}`;
  return words === undefined ? [] : [`${words.program}${place} said:`, ...words.lines.map((line) => `  ${line}`)];
}
