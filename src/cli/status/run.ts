import { setTimeout as pause } from "node:timers/promises";
import type { Pass } from "../../reconcilers/reconcile.ts";
import { statusDocument } from "../../status/format-json.ts";
import { allReady, formatStatuses } from "../../status/format.ts";
import { count } from "../../text/words.ts";
import { refuseChanged } from "../applied.ts";
import { EXIT } from "../exit-code.ts";
import { watchInterrupt } from "../interrupt.ts";
import type { Invocation } from "../invocation.ts";
import { loadStack } from "../load-stack.ts";
import type { LoadedStack } from "../load-stack.ts";
import { withProgressNote } from "../progress-note.ts";
import { secretsFolderFor } from "../secrets-folder.ts";
import type { Screen } from "../screen.ts";
import type { StackOptions } from "../stack-options.ts";
import { worldFor } from "../world-for.ts";

export interface StatusOptions extends StackOptions {
  readonly all?: boolean;
  readonly output: "text" | "json" | "yaml";
  /** Seconds between looks; true for the usual pause. */
  readonly watch?: number | true;
}

/** Looks and prints what is true, once or again and again. */
export async function runStatus(options: StatusOptions, invocation: Invocation): Promise<number> {
  const { environment, services, screen } = invocation;
  const loaded = await loadStack(options, environment, screen);
  await using world = await worldFor(loaded, invocation);
  await refuseChanged(loaded.stack, world.store);
  if (options.watch === undefined) {
    const pass = await withProgressNote(screen, `looking at ${count(loaded.addresses.size, "host")}`, async () =>
      services.lookAndPlan(loaded.stack, world),
    );
    screen.print(await statusText(pass, loaded, options, invocation));
    return allReady(pass.statuses) ? EXIT.ok : EXIT.pending;
  }
  const interrupt = watchInterrupt(environment.signals, () => {});
  const pauseMs = (options.watch === true ? 2 : options.watch) * 1000;
  while (!interrupt.signal.aborted) {
    const pass = await services.lookAndPlan(loaded.stack, world);
    draw(await statusText(pass, loaded, options, invocation), options, screen, environment.now());
    await pause(pauseMs, undefined, { signal: interrupt.signal }).catch(() => {});
  }
  return EXIT.ok;
}

async function statusText(
  pass: Pass,
  loaded: LoadedStack,
  options: StatusOptions,
  { environment, screen }: Invocation,
): Promise<string> {
  if (options.output === "text") {
    return formatStatuses(
      pass.statuses,
      {
        style: screen.style,
        columns: screen.columns,
        allConditions: options.all === true,
        secretsFolder: secretsFolderFor(loaded, environment),
      },
      pass.plan.warnings,
    );
  }
  const document = statusDocument(pass.statuses, allReady(pass.statuses), pass.plan.warnings);
  if (options.output === "json") {
    return options.watch === undefined ? `${JSON.stringify(document, null, 2)}\n` : `${JSON.stringify(document)}\n`;
  }
  const { dump } = await import("js-yaml");
  return `${options.watch === undefined ? "" : "---\n"}${dump(document, { noRefs: true, lineWidth: 120 })}`;
}

/** On a terminal each look is drawn over the one before; elsewhere they follow each other, with their time. */
function draw(text: string, { output }: StatusOptions, screen: Screen, now: number): void {
  if (output !== "text") {
    screen.print(text);
  } else if (screen.isTerminal) {
    const drawn = text.replaceAll("\n", "\u001B[K\n");
    const foot = screen.style.dim(`${new Date(now).toISOString()}, Ctrl-C ends this`);
    screen.print(`\u001B[H${drawn}${foot}\u001B[K\u001B[J`);
  } else {
    screen.print(`${new Date(now).toISOString()}\n${text}\n`);
  }
}
