import type { Plan } from "../../plan/plan.ts";
import type { VisitMemory } from "./memory.ts";
import type { Visit } from "./parts.ts";

/** Tells once of each blocker and warning, and again should it come back. */
export function tellHindrances({ admitted, live, parts }: Visit, plan: Plan, memory: VisitMemory): void {
  const { blockers, warnings } = plan;
  const { invalid } = admitted;
  const hindrances = [
    ...(invalid === undefined ? [] : [{ reason: invalid.reason, action: "Refuse", note: invalid.message }]),
    ...blockers.map(({ reason, host, why, wayOut }) => ({
      reason,
      action: "Refuse",
      note: `${at(host)}${why}. ${wayOut}`,
    })),
    ...warnings.map(({ reason, host, message }) => ({ reason, action: "Warn", note: `${at(host)}${message}` })),
  ];
  for (const { reason, action, note } of hindrances) {
    if (!memory.told.has(note)) parts.announcer.warning(live.current(), reason, action, note);
  }
  memory.told = new Set(hindrances.map(({ note }) => note));
}

function at(host: string | undefined): string {
  return host === undefined ? "" : `${host}: `;
}
