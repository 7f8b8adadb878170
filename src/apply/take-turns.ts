import { whenAgain } from "./ending.ts";
import type { Ending } from "./ending.ts";
import type { Outcome } from "./events.ts";
import { pause } from "./pause.ts";
import { turn } from "./turn.ts";
import type { Ends, Party } from "./turn.ts";

/**
 * Takes turns until there is nothing to do, something blocks, a step fails or does not hold, or a wait is overdue.
 * Remembers nothing that the next run would miss. That the party leaves (`tell` resolves to true) ends it as an
 * interruption does.
 */
export async function takeTurns(ends: Ends<Party, true>): Promise<Outcome> {
  let before: Ending | undefined;
  for (;;) {
    const [[party, ending] = []] = await turn(ends, before);
    if (party === undefined || ending === undefined) return { kind: "interrupted" };
    switch (ending.kind) {
      case "done":
        return { kind: "converged" };
      case "blocked":
        return { kind: "blocked", plan: ending.plan };
      case "failed":
      case "undone":
        return { kind: "failed", step: ending.step, failure: ending.failure };
      case "interrupted":
        return ending;
      case "wait": {
        const { overdue } = ending;
        if (overdue === undefined) break;
        const { wait, sinceMs, said = [] } = overdue;
        return { kind: "deadline", wait, waitedMs: ends.now() - sinceMs, said };
      }
      case "rest":
      case "settling":
      case "taken":
      case "crowded":
        break;
    }
    const when = whenAgain(ending, party.patience.manner, ends.now());
    if (when.kind === "again" && ending.kind !== "taken") await pause(when.afterMs, ends.signal);
    before = ending;
  }
}
