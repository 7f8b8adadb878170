import type { Reason } from "../../reasons.ts";
import { PghaError } from "../../errors.ts";
import { LeadershipLostError } from "../../runtime/reconcile-context.ts";
import type { Refusal } from "../status/unlooked.ts";
import type { Admitted } from "./admit.ts";
import type { VisitMemory } from "./memory.ts";
import type { VisitParts } from "./parts.ts";
import { ToldError } from "./told-error.ts";

/** Whether what was last seen of a resource is too old to be told as what is. */
export function isStale(
  memory: Pick<VisitMemory, "lookedAtMs">,
  { clock, staleMs }: Pick<VisitParts, "clock" | "staleMs">,
): boolean {
  return memory.lookedAtMs === undefined || clock.now() - memory.lookedAtMs > staleMs;
}

/**
 * A visit that failed before its look, again and again: what its status says, when what it says now was seen too long
 * ago. What its status was told already, with the error, is not told again in other words. A spec that is not valid is
 * what a person can mend, whatever else fails; and one of which no valid version is known may well be one that nothing
 * can be made of.
 */
export function whyUnlooked(
  error: unknown,
  { invalid }: Admitted,
  memory: VisitMemory,
  parts: VisitParts,
): Refusal | undefined {
  if (error instanceof LeadershipLostError || error instanceof ToldError) return undefined;
  if (invalid !== undefined && !(error instanceof PghaError)) return invalid;
  if (!isStale({ lookedAtMs: memory.lookedAtMs ?? memory.bornMs }, parts)) return undefined;
  if (invalid !== undefined) return invalid;
  const [reason, message]: readonly [Reason, string] =
    error instanceof PghaError
      ? [error.reason, error.message]
      : ["NotLooked", "the visit failed, see the operator's log"];
  return { reason, message: `it could not be looked at: ${message}`, heals: true, about: undefined };
}
