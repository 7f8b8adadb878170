import type { Kind } from "../../api/index.ts";
import { lookAt } from "../../facts/look.ts";
import { identityQuestions } from "../../reconcilers/identity.ts";
import type { ReconcileContext } from "../../runtime/reconcile-context.ts";
import type { ReconcileResult } from "../../runtime/requeue.ts";
import { liveResource } from "../../state/live-resource.ts";
import type { LiveResource } from "../../state/live-resource.ts";
import { acceptHostKeys } from "../hosts/accept-host-keys.ts";
import type { AskIdentity } from "../hosts/accept-host-keys.ts";
import { finalizeVisit } from "../removal/finalize.ts";
import { keepFinalizer } from "../removal/finalizer.ts";
import { RESOURCE_TYPES } from "../resources/resource-types.ts";
import { admit } from "./admit.ts";
import type { Admitted } from "./admit.ts";
import { tellHindrances } from "./announce.ts";
import { ignoredHindrances, sayingIgnored } from "./ignored-annotations.ts";
import { freeSecrets, nameData } from "./keep-secrets.ts";
import { lookAndAct } from "./look-and-act.ts";
import { newest } from "./memory.ts";
import { labelsOf } from "./parts.ts";
import type { VisitParts } from "./parts.ts";
import { refuse } from "./refuse.ts";
import { whyUnlooked } from "./unlooked.ts";
import { waitForCredentials } from "./wait-for-credentials.ts";
import { withHosts } from "./with-hosts.ts";
import { worldOf } from "./world-of.ts";

/**
 * One visit to one resource: judge it, look at its hosts, write its status, take one wave of the plan. What follows is
 * the next visit's matter, which begins from what is there.
 */
export async function visit(
  kind: Kind,
  key: string,
  context: ReconcileContext,
  parts: VisitParts,
): Promise<ReconcileResult> {
  const watched = parts.known.resources[kind].get(key);
  if (watched === undefined) return forget(kind, key, parts);
  const memory = parts.memories.of(`${kind}/${key}`);
  const read = newest(watched, memory);
  const live = sayingIgnored(
    liveResource(parts.client, RESOURCE_TYPES[kind], read, (written) => void (memory.written = written)),
    parts,
  );
  tellHindrances(live, parts, memory.ignored, ignoredHindrances(read, parts));
  await freeSecrets(live, parts);
  if (read.metadata.deletionTimestamp !== undefined) return finalizeVisit(live, context, parts);
  const verdict = admit(read, { ...parts, keep: memory.verdict });
  if ("refusal" in verdict) return refuse(live, verdict.refusal, parts);
  const { admitted } = verdict;
  try {
    await keepFinalizer(live);
    return await withHosts(admitted.resource, context, parts, () => visitAdmitted(admitted, live, context, parts));
  } catch (error) {
    const unlooked = whyUnlooked(error, admitted, memory, parts);
    if (unlooked === undefined) throw error;
    await refuse(live, unlooked, parts);
    throw error;
  }
}

async function visitAdmitted(
  admitted: Admitted,
  live: LiveResource,
  context: ReconcileContext,
  parts: VisitParts,
): Promise<ReconcileResult> {
  const found = await worldOf(admitted, live, parts);
  if ("refusal" in found) return refuse(live, admitted.invalid ?? found.refusal, parts);
  const { world } = found;
  const ask: AskIdentity = async (target) =>
    lookAt(world.shellFor(target), identityQuestions([admitted.resource]), { now: world.now });
  if (await acceptHostKeys(admitted.resource, live, parts, ask)) return { kind: "again", afterMs: 1 };
  if (admitted.invalid === undefined) await nameData(admitted, live, parts);
  const waiting = await waitForCredentials(admitted, world);
  if (waiting !== undefined) return refuse(live, admitted.invalid ?? waiting, parts);
  return lookAndAct({ admitted, live, context, parts, world });
}

/** The resource is gone, and with it all that was kept about it. */
function forget(kind: Kind, key: string, { memories, metrics, firstUse, accepted }: VisitParts): ReconcileResult {
  const labels = labelsOf(kind, key);
  memories.forget(`${kind}/${key}`);
  metrics.forget(labels);
  accepted.forget(`${kind}/${key}`);
  firstUse.forget(labels.namespace, `${kind}/${labels.name}`);
  return { kind: "gone" };
}
