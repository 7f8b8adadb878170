import type { Kind, Resource } from "../../api/index.ts";
import { formatProblem } from "../../errors.ts";
import type { ReconcileContext } from "../../runtime/reconcile-context.ts";
import type { ReconcileResult } from "../../runtime/requeue.ts";
import { disownSecrets, readKubeSecrets } from "../../state/kube-secrets.ts";
import type { LiveResource } from "../../state/live-resource.ts";
import { mayForceFinalize, whyHandsOff } from "../annotations.ts";
import { earlierClaim } from "../resources/host-claims.ts";
import { judged } from "../resources/judged.ts";
import { nameOfStored } from "../resources/known-resources.ts";
import { secretNamesOf } from "../resources/secret-names.ts";
import { stackOf } from "../resources/stack-of.ts";
import type { Refusal } from "../status/unlooked.ts";
import type { VisitParts } from "../visit/parts.ts";
import { refuse } from "../visit/refuse.ts";
import { withHosts } from "../visit/with-hosts.ts";
import { worldOf } from "../visit/world-of.ts";
import { deletionPolicyOf, dropFinalizer, isHeld } from "./finalizer.ts";
import { removeFromHosts } from "./remove-from-hosts.ts";

/** One visit to a resource that is being deleted. Nothing happens on a host that the policy does not ask for in words. */
export async function finalizeVisit(
  live: LiveResource,
  context: ReconcileContext,
  parts: VisitParts,
): Promise<ReconcileResult> {
  const stored = live.current();
  if (!isHeld(stored)) return { kind: "settled" };
  const policy = deletionPolicyOf(stored);
  const verdict = judged(stored);
  if (policy === "Retain") return retain(live, verdict.sound ? verdict.resource : undefined, parts);
  const refusal = verdict.sound
    ? refusalOf(live, verdict.resource, policy, parts)
    : refused("InvalidSpec", verdict.problems.map(formatProblem).join("\n"));
  if (refusal !== undefined || !verdict.sound) {
    return mayForceFinalize(stored)
      ? letGo(live, "ForceFinalized", "let go by annotation; nothing was stopped on any host", parts)
      : refuse(live, refusal ?? refused("InvalidSpec", ""), parts);
  }
  const { resource } = verdict;
  return withHosts(resource, context, parts, async () => {
    const admitted = { ...stackOf(resource, stored, parts.known), resource, name: nameOfStored(stored) };
    const found = await worldOf(admitted, live, parts);
    if ("refusal" in found)
      return mayForceFinalize(stored)
        ? letGo(live, "ForceFinalized", "let go by annotation; no host could be logged in to", parts)
        : refuse(live, found.refusal, parts);
    const removed = await removeFromHosts({ admitted, live, context, parts, world: found.world }, policy);
    return removed.kind === "removed" ? letGo(live, removed.reason, removed.note, parts) : removed.result;
  });
}

function refusalOf(
  live: LiveResource,
  resource: Resource,
  policy: "Stop" | "Purge",
  { known, allow }: VisitParts,
): Refusal | undefined {
  const stored = live.current();
  const { name } = stored.metadata;
  if (whyHandsOff(stored) !== undefined)
    return {
      reason: "Paused",
      message: "it is paused, so nothing is stopped or removed; it is deleted once that ends",
      heals: true,
      about: undefined,
    };
  if (policy === "Purge" && resource.kind === "PostgresHACluster" && resource.spec.purgeConfirmation !== name) {
    return refused(
      "PurgeNotConfirmed",
      `deletionPolicy Purge deletes all data of this cluster: set spec.purgeConfirmation to ${name}, or deletionPolicy to Retain`,
    );
  }
  const claim = earlierClaim(resource, stored, known);
  if (claim !== undefined)
    return refused(
      "HostClaimed",
      `${claim.host} belongs to ${claim.holder}: nothing is stopped there. Set deletionPolicy to Retain.`,
    );
  const outside = allow(resource);
  return outside === undefined ? undefined : refused("HostNotAllowed", `${outside.host}: ${outside.message}`);
}

/** The hosts go on as they are, and so do the Secrets, which hold the only copy of their passwords. */
async function retain(live: LiveResource, resource: Resource | undefined, parts: VisitParts): Promise<ReconcileResult> {
  const stored = live.current();
  const { namespace = "", uid = "" } = stored.metadata;
  if (resource?.kind === "PostgresHACluster") {
    // By name, since a Secret made a moment ago is not known to the watch, and by owner, since a pool that wanted one may be gone.
    const named = await readKubeSecrets(
      parts.client,
      namespace,
      secretNamesOf(stackOf(resource, stored, parts.known).stack),
      parts.known.secret,
    );
    const all = new Map([
      ...parts.known.secretsIn(namespace).map((secret) => [secret.metadata.name, secret] as const),
      ...named,
    ]);
    await disownSecrets(parts.client, all.values(), uid);
  }
  return letGo(live, "Retained", "deleted here; its hosts serve as before", parts);
}

async function letGo(
  live: LiveResource,
  reason: string,
  note: string,
  { announcer }: VisitParts,
): Promise<ReconcileResult> {
  const stored = live.current();
  await dropFinalizer(live);
  announcer.normal({ ...stored, kind: live.type.kind satisfies string as Kind }, reason, "Delete", note);
  return { kind: "settled" };
}

function refused(reason: string, message: string): Refusal {
  return { reason, message, heals: false, about: reason === "InvalidSpec" ? "SpecValid" : undefined };
}
