import type { Plan } from "../../plan/plan.ts";
import { wayOutAt } from "../../text/at-host.ts";
import type { LiveResource } from "../../state/live-resource.ts";
import type { Refusal } from "../status/unlooked.ts";
import type { Admitted } from "./admit.ts";
import type { Hindrance, VisitMemory } from "./memory.ts";
import type { VisitParts } from "./parts.ts";

/** Tells once of each hindrance, again should it come back, and when it is over. */
export function tellHindrances(
  live: LiveResource,
  { announcer }: Pick<VisitParts, "announcer">,
  memory: { told: VisitMemory["told"] },
  hindrances: readonly Hindrance[],
): void {
  const found = new Map(hindrances.map((hindrance) => [sameness(hindrance), hindrance] as const));
  for (const [same, { reason, action, note, host }] of found)
    if (!memory.told.has(same)) announcer.warning(live.current(), reason, action, note, host);
  for (const [same, { reason, action, note, host }] of memory.told)
    if (!found.has(same)) announcer.logged("info", live.current(), reason, action, `over: ${note}`, host);
  memory.told = found;
}

export function hindrancesOf({ invalid }: Admitted, { blockers, warnings }: Plan): readonly Hindrance[] {
  return [
    ...(invalid === undefined ? [] : [hindranceOf(invalid)]),
    ...blockers.map(({ reason, host, why, wayOut }): Hindrance => ({
      reason,
      action: "Refuse",
      note: `${why}. ${wayOutAt(host, wayOut)}`,
      host,
    })),
    ...warnings.map(({ reason, host, message }): Hindrance => ({ reason, action: "Warn", note: message, host })),
  ];
}

export function hindranceOf({ reason, message, host }: Refusal): Hindrance {
  return { reason, action: "Refuse", note: message, host };
}

/** Figures go up and down while it is the same thing that is wrong; those that are part of a name do not. */
function sameness({ reason, action, note, host = "" }: Hindrance): string {
  return [reason, action, host, note.replaceAll(/(?<![\w.:/-])[+-]?\d+(?:\.\d+)?(?![\w:/-]|\.\w)/g, "#")].join(" ");
}
