import type { Kind } from "../../api/index.ts";
import { AWAY_POLL_MS } from "../../apply/patience.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import { DEFAULT_VISIT_TIMES } from "../../runtime/requeue.ts";
import type { PartOutcome } from "../../runtime/requeue.ts";
import type { LiveResource } from "../../state/live-resource.ts";
import { acceptedText } from "../resources/accepted.ts";
import type { Refusal } from "../status/unlooked.ts";
import { unlookedStatus } from "../status/unlooked.ts";
import { hindranceOf, tellHindrances } from "./announce.ts";
import { tellStalled } from "./outcome.ts";
import { labelsOf } from "./parts.ts";
import type { VisitParts } from "./parts.ts";
import { patiently } from "./patient.ts";
import { ToldError } from "./told-error.ts";
import { isStale } from "./unlooked.ts";

/** A person has to act; what they do on the API server wakes the resource. */
export class RefusedError extends ToldError {
  override readonly name: string = "RefusedError";

  constructor(refusal: Refusal) {
    super(refusal.message, { reason: refusal.reason, retry: "never" });
  }
}

/** Says why nothing was done. Throws RefusedError where only a person can bring the resource further. */
export async function refuse(live: LiveResource, refusal: Refusal, parts: VisitParts): Promise<PartOutcome> {
  const kind = live.type.kind as Kind;
  const before = live.current();
  const labels = labelsOf(kind, keyOf(before));
  const memory = parts.memories.of(`${kind}/${keyOf(before)}`);
  const stale = isStale(memory, parts);
  if (stale) parts.metrics.unseen(labels);
  const accepted = refusal.reason === "InvalidSpec" ? parts.accepted.of(before) : undefined;
  const { refusal: now, waiting, isOverdue } = patiently(refusal, before, memory, parts);
  const status = unlookedStatus(kind, before, now, parts.clock.now(), stale, waiting);
  await live.writeStatus(accepted === undefined ? status : { ...status, acceptedSpec: acceptedText(accepted) });
  parts.metrics.stored(labels, live.current());
  tellHindrances(live, parts, memory, [hindranceOf(refusal)]);
  if (isOverdue) tellStalled(live, parts, before);
  // Once more soon, where no watch tells sooner: what was seen a moment ago is told until it is too old.
  if (refusal.heals || !stale) return { kind: "settled", pollMs: AWAY_POLL_MS };
  const what = `${refusal.reason} ${refusal.message}`;
  // The others of its stack are visited more often than it need be, and it fails no more for that.
  if (memory.thrown === what) return { kind: "settled", pollMs: DEFAULT_VISIT_TIMES.stalledPollMs };
  memory.thrown = what;
  throw new RefusedError(refusal);
}
