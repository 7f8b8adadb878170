import type { ReconcileContext } from "../../runtime/reconcile-context.ts";
import type { ReconcileResult } from "../../runtime/requeue.ts";
import type { LiveResource } from "../../state/live-resource.ts";
import { FINALIZER } from "../annotations.ts";
import type { VisitParts } from "../visit/parts.ts";

export async function keepFinalizer(_live: LiveResource): Promise<void> {}

export async function finalizeVisit(live: LiveResource, _context: ReconcileContext, _parts: VisitParts): Promise<ReconcileResult> {
  const finalizers = live.current().metadata.finalizers ?? [];
  if (finalizers.includes(FINALIZER)) await live.patchMetadata({ finalizers: finalizers.filter((name) => name !== FINALIZER) });
  return { kind: "gone" };
}
