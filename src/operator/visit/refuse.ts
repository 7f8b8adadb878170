import type { Kind } from "../../api/index.ts";
import { PghaError } from "../../errors.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import type { ReconcileResult } from "../../runtime/requeue.ts";
import type { LiveResource } from "../../state/live-resource.ts";
import type { Refusal } from "../status/unlooked.ts";
import { unlookedStatus } from "../status/unlooked.ts";
import { labelsOf } from "./parts.ts";
import type { VisitParts } from "./parts.ts";

/** How often it is looked whether what a resource waits for is there. A watch tells sooner. */
const WAITING_POLL_MS = 10_000;

/** A person has to act; what they do on the API server wakes the resource. */
export class RefusedError extends PghaError {
  override readonly name: string = "RefusedError";

  constructor(refusal: Refusal) {
    super(refusal.message, { reason: refusal.reason, retry: "never" });
  }
}

/** Says why nothing was done. Throws RefusedError where only a person can bring the resource further. */
export async function refuse(live: LiveResource, refusal: Refusal, parts: VisitParts): Promise<ReconcileResult> {
  const kind = live.type.kind as Kind;
  const before = live.current();
  const written = await live.writeStatus(unlookedStatus(kind, before, refusal, parts.clock.now()));
  parts.metrics.stored(labelsOf(kind, keyOf(before)), live.current());
  if (written === "written") parts.announcer.warning(live.current(), refusal.reason, "Refuse", refusal.message);
  if (!refusal.heals) throw new RefusedError(refusal);
  return { kind: "settled", pollMs: WAITING_POLL_MS };
}
