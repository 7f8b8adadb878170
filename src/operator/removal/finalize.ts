import type { Reason } from "../../reasons.ts";
import { isService } from "../../api/index.ts";
import type { Kind, ServiceResource } from "../../api/index.ts";
import { madeFor } from "../../credentials/index.ts";
import { formatProblem } from "../../errors.ts";
import type { Stack } from "../../reconcilers/stack.ts";
import type { ReconcileContext } from "../../runtime/reconcile-context.ts";
import type { PartOutcome } from "../../runtime/requeue.ts";
import { recordOf } from "../../state/kube-record.ts";
import { deleteSecrets, disownSecrets, ownersOf, readKubeSecrets } from "../../state/kube-secrets.ts";
import type { KubeSecret } from "../../state/kube-secrets.ts";
import type { LiveResource } from "../../state/live-resource.ts";
import { atHost } from "../../text/at-host.ts";
import { count } from "../../text/words.ts";
import { mayForceFinalize } from "../annotations.ts";
import { whyHandsOff } from "../../api/annotations.ts";
import { earlierClaim } from "../resources/host-claims.ts";
import { judged } from "../resources/judged.ts";
import { secretNamesOf } from "../resources/secret-names.ts";
import { stackFrom } from "../resources/stack-of.ts";
import type { Refusal } from "../status/unlooked.ts";
import type { Resident, VisitParts } from "../visit/parts.ts";
import { refuse } from "../visit/refuse.ts";
import { withHosts } from "../visit/with-hosts.ts";
import { keyRefusal, storeOf, worldOf } from "../visit/world-of.ts";
import { deletionPolicyOf, dropFinalizer, isHeld } from "./finalizer.ts";
import { removeFromHosts } from "./remove-from-hosts.ts";

/**
 * One visit to a resource of a stack that is being deleted. Nothing happens on a host that the policy does not ask for
 * in words.
 */
export async function finalizeVisit(
  leaving: Resident,
  residents: readonly Resident[],
  context: ReconcileContext,
  parts: VisitParts,
): Promise<PartOutcome> {
  const { live } = leaving;
  const stored = live.current();
  const visited = stackFrom(residents.map((one) => one.live.current()));
  if (!isHeld(stored)) return { kind: "settled" };
  const policy = deletionPolicyOf(stored);
  const verdict = judged(stored);
  // Whatever becomes of the hosts, and however long it takes: their data needs its passwords until it is gone.
  if (live.type.kind === "PostgresHACluster")
    await disownSecrets(parts.client, (await secretsOf(live, visited.stack, parts)).values(), stored.metadata.name);
  if (policy === "Retain") return letGo(live, "Retained", "deleted here; its hosts serve as before", parts);
  const refusal = verdict.sound
    ? isService(verdict.resource)
      ? refusalOf(live, verdict.resource, policy, parts)
      : undefined
    : refused("InvalidSpec", verdict.problems.map(formatProblem).join("\n"));
  if (refusal !== undefined || !verdict.sound) {
    return mayForceFinalize(stored)
      ? letGo(live, "ForceFinalized", "let go by annotation; nothing was stopped on any host", parts)
      : refuse(live, refusal ?? refused("InvalidSpec", ""), parts);
  }
  const { resource } = verdict;
  // Never held: there is nothing to be done on any host.
  if (!isService(resource)) return letGo(live, "Retained", "deleted here; what it set on its hosts stays", parts);
  return withHosts([resource], context, parts, async () => {
    const inputs = { ...visited, residents, parts };
    const store = storeOf(inputs);
    const refusal = keyRefusal(resource, await store.readSecrets());
    if (refusal !== undefined)
      return mayForceFinalize(stored)
        ? letGo(live, "ForceFinalized", "let go by annotation; no host could be logged in to", parts)
        : refuse(live, refusal, parts);
    const admitted = { ...visited, resource, name: leaving.name, invalid: undefined };
    const world = await worldOf(inputs, store, [resource]);
    const removed = await removeFromHosts({ ...leaving, admitted, context, parts, world }, resource, policy);
    if (removed.kind === "pending") return removed.result;
    const gone = removed.reason === "Purged" ? await purgeSecrets(live, visited.stack, parts) : "";
    return letGo(live, removed.reason, `${removed.note}${gone}`, parts);
  });
}

function refusalOf(
  live: LiveResource,
  resource: ServiceResource,
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
      `deletionPolicy Purge deletes all data of this cluster: set spec.purgeConfirmation to ${name}, or ` +
        "deletionPolicy to Retain",
    );
  }
  const claim = earlierClaim(resource, stored, known);
  if (claim !== undefined)
    return refused(
      "HostClaimed",
      `${claim.host} belongs to ${claim.holder}: nothing is stopped there. Set deletionPolicy to Retain.`,
      claim.host,
    );
  const outside = allow(resource);
  return outside === undefined
    ? undefined
    : refused("HostNotAllowed", atHost(outside.host, outside.message), outside.host);
}

/** The last act: nothing of what they open is there any more. */
async function purgeSecrets(live: LiveResource, stack: Stack, parts: VisitParts): Promise<string> {
  const { metadata, status } = live.current();
  if (live.type.kind !== "PostgresHACluster") return "";
  const secrets = (await secretsOf(live, stack, parts)).values();
  const deleted = await deleteSecrets(parts.client, secrets, metadata.name, recordOf(status).systemId);
  return `; ${count(deleted.length, "Secret")} deleted`;
}

/**
 * By name, since a Secret made a moment ago is not known to the watch, and by label, since what wanted one may be gone.
 */
async function secretsOf(
  live: LiveResource,
  stack: Stack,
  { client, known }: VisitParts,
): Promise<ReadonlyMap<string, KubeSecret>> {
  const { namespace = "", name } = live.current().metadata;
  const wished = judged(live.current()).sound ? secretNamesOf(stack) : [];
  const bound = known
    .secretsIn(namespace)
    .filter((secret) => madeFor({ labels: secret.metadata.labels ?? {} }) === name || ownersOf(secret).includes(name))
    .map((secret) => secret.metadata.name);
  // Asked of the API server: what the watch says may be older.
  return readKubeSecrets(client, namespace, [...wished, ...bound], () => undefined);
}

async function letGo(
  live: LiveResource,
  reason: Reason,
  note: string,
  { announcer }: VisitParts,
): Promise<PartOutcome> {
  const stored = live.current();
  await dropFinalizer(live);
  announcer.normal({ ...stored, kind: live.type.kind satisfies string as Kind }, reason, "Delete", note);
  return { kind: "settled" };
}

function refused(reason: Reason, message: string, host?: string): Refusal {
  return {
    reason,
    message,
    heals: false,
    about: reason === "InvalidSpec" ? "SpecValid" : undefined,
    ...(host === undefined ? {} : { host }),
  };
}
