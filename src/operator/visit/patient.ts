import type { StoredResource, StoredStatus } from "../../state/live-resource.ts";
import { duration } from "../../text/duration.ts";
import type { Refusal } from "../status/unlooked.ts";
import type { VisitMemory } from "./memory.ts";
import type { VisitParts } from "./parts.ts";

/** A refusal as it is to be told now, with until when what it awaits is waited for. */
export interface PatientRefusal {
  readonly refusal: Refusal;
  readonly waiting: StoredStatus["waiting"];
  readonly isOverdue: boolean;
}

/** What somebody has to make may come in a moment, with the rest of what was applied. After that it takes a person. */
export function patiently(
  refusal: Refusal,
  { status }: StoredResource,
  memory: VisitMemory,
  { clock, patienceMs }: Pick<VisitParts, "clock" | "patienceMs">,
): PatientRefusal {
  const { awaits, reason, message } = refusal;
  if (awaits === undefined || !refusal.heals) return { refusal, waiting: undefined, isOverdue: false };
  const now = clock.now();
  const stored = status?.waiting?.for === awaits ? status.waiting.until : undefined;
  const wait = { reason: `${reason} ${awaits}`, deadlineSeconds: patienceMs / 1000 };
  const timed = memory.patience.timesOf([wait], now, stored);
  memory.patience.keepTimes(timed);
  const untilMs = timed[0]?.untilMs ?? now;
  const waiting = { for: awaits, until: `${new Date(untilMs).toISOString().slice(0, 19)}Z` };
  if (now <= untilMs) return { refusal, waiting, isOverdue: false };
  const inVain = `${message} (waited ${duration(patienceMs)} in vain: somebody has to make or mend it)`;
  return { refusal: { ...refusal, heals: false, message: inVain }, waiting, isOverdue: true };
}
