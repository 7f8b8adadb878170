import type { Outcome } from "../../apply/events.ts";
import type { Resource } from "../../api/index.ts";
import { formatBlockers } from "../../plan/format-hindrances.ts";
import type { RemovalPass } from "../../reconcilers/removal/look.ts";
import { nameOf } from "../../reconcilers/stack.ts";
import { printable } from "../../text/printable.ts";
import { list } from "../../text/words.ts";
import { failureLines } from "../apply/outcome.ts";
import { EXIT } from "../exit-code.ts";
import type { Screen } from "../screen.ts";

/** Why a resource is not deleted yet, for people, with the exit code; undefined when it is. */
export function failureOf(
  resource: Resource,
  { outcome, pass }: { readonly outcome: Outcome; readonly pass: RemovalPass },
  screen: Screen,
): { readonly text: string; readonly code: number } | undefined {
  const { style } = screen;
  const again = "What is done stays done: run pgha delete again to go on.";
  switch (outcome.kind) {
    case "converged": {
      if (pass.away.length === 0) return undefined;
      const why = [...pass.looks.values()].flatMap((look) =>
        look.seen ? [] : [`  ${look.host}: ${printable(look.message)} [${look.reason}]`],
      );
      const what = `${nameOf(resource)} is not deleted yet: ${list(pass.away)} can't be looked at`;
      return { text: `${[`${style.bad("error:")} ${what}`, ...why, again].join("\n")}\n`, code: EXIT.error };
    }
    case "failed":
      return { text: `${failureLines(outcome.step, outcome.failure, screen).join("\n")}\n`, code: EXIT.error };
    case "interrupted":
      return { text: `Stopped between steps. ${again}\n`, code: EXIT.interrupted };
    case "blocked":
    case "deadline": {
      const blockers = formatBlockers(pass.plan.blockers, screen);
      const what = `${style.bad("error:")} ${nameOf(resource)} is not deleted yet`;
      return { text: `${[...blockers, "", what].join("\n")}\n`, code: EXIT.error };
    }
  }
}
