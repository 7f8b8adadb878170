import type { ApplyEvent } from "../../apply/events.ts";
import { watchInterrupt } from "../interrupt.ts";
import type { Invocation } from "../invocation.ts";
import { logEvent } from "./log-event.ts";
import { progressOn } from "./progress.ts";
import type { Progress } from "./progress.ts";

/** What the engine is run with by a command that lasts. */
export interface Shown {
  readonly progress: Progress;
  /** To the screen, or to the log. */
  readonly onEvent: (event: ApplyEvent) => void;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Shows what the engine does while it does it; the first Ctrl-C has it finish what it has in hand, in these words. */
export async function whileShown<T>(
  { environment, screen }: Invocation,
  inHand: string,
  work: (shown: Shown) => Promise<T>,
): Promise<T> {
  const { log, style } = screen;
  const progress = progressOn(screen, environment.now, log === undefined);
  const { signal, dispose } = watchInterrupt(environment.signals, () =>
    progress.say(style.caution(`Finishing ${inHand}; Ctrl-C again stops at once.`)),
  );
  const onEvent = (event: ApplyEvent): void => {
    if (log !== undefined) logEvent(event, log);
    progress.onEvent(event);
  };
  try {
    return await work({ progress, onEvent, signal });
  } finally {
    progress.stop();
    dispose();
  }
}
