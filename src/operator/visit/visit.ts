import type { Kind } from "../../api/index.ts";
import type { ReconcileContext } from "../../runtime/reconcile-context.ts";
import { PghaError } from "../../errors.ts";
import type { ReconcileResult } from "../../runtime/requeue.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import { liveResource } from "../../state/live-resource.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import { finalizeVisit } from "../removal/finalize.ts";
import { identityOf, nameOfStored } from "../resources/known-resources.ts";
import { RESOURCE_TYPES } from "../resources/resource-types.ts";
import { residentsOf } from "../resources/stack-of.ts";
import { tellHindrances } from "./announce.ts";
import { ignoredHindrances, sayingIgnored } from "./ignored-annotations.ts";
import { freeSecrets } from "./keep-secrets.ts";
import { newest } from "./memory.ts";
import { labelsOf } from "./parts.ts";
import type { Resident, VisitParts } from "./parts.ts";
import { allEnded, through } from "./through.ts";
import type { Outcomes } from "./through.ts";
import { visitAdmitted } from "./visit-admitted.ts";

/**
 * One visit to a stack: judge its resources, look at each of its hosts once, write the status of each resource, take
 * one wave of what is planned for all of them together. What follows is the next visit's matter, which begins from what
 * is there. Resources that are being deleted are seen to one by one, never beside the others on the same host.
 */
export async function visitStack(key: string, context: ReconcileContext, parts: VisitParts): Promise<ReconcileResult> {
  const residents = residentsOf(key, parts.known).map((watched) => residentOf(watched, parts));
  forgetGone(key, residents, parts);
  if (residents.length === 0) return { kind: "gone" };
  const outcomes: Outcomes = new Map();
  const here = await through(residents, outcomes, async ({ live, memory }) => {
    tellHindrances(live, parts, memory.ignored, ignoredHindrances(live.current(), parts));
    await freeSecrets(live, parts);
    return undefined;
  });
  const staying = here.filter((one) => !isLeaving(one));
  await allEnded<unknown>([
    visitAdmitted({ key, residents, staying, outcomes, context, parts }),
    through(here.filter(isLeaving), outcomes, (one) => finalizeVisit(one, residents, context, parts)),
  ]);
  return { kind: "several", parts: residents.map((one) => partOf(one, outcomes)) };
}

function residentOf(watched: StoredResource, parts: VisitParts): Resident {
  const memory = parts.memories.of(identityOf(watched));
  const kind = watched.kind as Kind;
  const live = liveResource(
    parts.client,
    RESOURCE_TYPES[kind],
    newest(watched, memory),
    (written) => void (memory.written = written),
  );
  return { kind, name: nameOfStored(watched), live: sayingIgnored(live, parts), memory };
}

function isLeaving({ live }: Resident): boolean {
  return live.current().metadata.deletionTimestamp !== undefined;
}

function partOf({ kind, name, live, memory }: Resident, outcomes: Outcomes) {
  const outcome = outcomes.get(name) ?? { kind: "settled" };
  const isTriedAgain =
    outcome.kind === "failed" && !(outcome.error instanceof PghaError && outcome.error.retry !== "backoff");
  if (isTriedAgain) memory.failures += 1;
  else if (outcome.kind !== "failed" && !memory.patience.isResting) memory.failures = 0;
  return { outcome, failures: memory.failures, fields: { ...labelsOf(kind, keyOf(live.current())) } };
}

/** What is kept of a resource goes with it. */
function forgetGone(key: string, residents: readonly Resident[], parts: VisitParts): void {
  const { memories, metrics, firstUse, accepted } = parts;
  const { residents: visited } = memories.ofStack(key);
  const here = new Set(residents.map(({ live }) => identityOf(live.current())));
  for (const identity of visited) {
    if (here.has(identity)) continue;
    const [kind = "", namespace = "", name = ""] = identity.split("/");
    visited.delete(identity);
    memories.forget(identity);
    metrics.forget({ kind, namespace, name });
    accepted.forget(identity);
    firstUse.forget(namespace, `${kind}/${name}`);
  }
  for (const identity of here) visited.add(identity);
  if (here.size === 0) memories.forgetStack(key);
}
