import { ANNOTATIONS } from "../../api/annotations.ts";
import { sshOf } from "../../api/index.ts";
import type { Resource } from "../../api/index.ts";
import type { SecretsByName } from "../../credentials/index.ts";
import { InvalidInputError } from "../../errors.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import { clusterWord } from "../../reconcilers/cluster-word.ts";
import type { HostTarget } from "../../reconcilers/targets.ts";
import type { World } from "../../reconcilers/world.ts";
import { kubeStore } from "../../state/kube-store.ts";
import { recordOf } from "../../state/kube-record.ts";
import { liveResource } from "../../state/live-resource.ts";
import type { LiveResource, StoredResource, StoredStatus } from "../../state/live-resource.ts";
import { privateKeys } from "../../world/private-keys.ts";
import { rotationsAsked } from "../annotations.ts";
import { NO_LEAVE } from "../../reconcilers/restart-leave.ts";
import { restartLeave } from "../restart-leave.ts";
import { withApproval } from "../hosts/approval.ts";
import { watchedShell } from "../hosts/watched-shell.ts";
import { nameOfStored } from "../resources/known-resources.ts";
import { RESOURCE_TYPES } from "../resources/resource-types.ts";
import { resourcesOf } from "../../reconcilers/stack.ts";
import { secretNamesOf, sshKeyNamesOf } from "../resources/secret-names.ts";
import { targetSsh } from "../../world/target-ssh.ts";
import type { Refusal } from "../status/unlooked.ts";
import type { Admitted } from "./admit.ts";
import type { VisitParts } from "./parts.ts";

/** The engine's world for one visit: Secrets and records in Kubernetes, hosts over the operator's kept connections. */
export async function worldOf(
  admitted: Admitted,
  live: LiveResource,
  parts: VisitParts,
): Promise<{ readonly world: World } | { readonly refusal: Refusal }> {
  const { stack, stored, name } = admitted;
  const { namespace = "" } = live.current().metadata;
  const others = stored.filter((other) => nameOfStored(other) !== name);
  const store = kubeStore({
    client: parts.client,
    namespace,
    resources: new Map([
      [name, live],
      ...others.map(
        (other) =>
          [
            nameOfStored(other),
            liveResource(parts.client, RESOURCE_TYPES[other.kind as keyof typeof RESOURCE_TYPES], other),
          ] as const,
      ),
    ]),
    secretNames: secretNamesOf(stack),
    watched: parts.known.secret,
  });
  const secrets = await store.readSecrets();
  const keys = keysFor(admitted, secrets);
  if ("refusal" in keys) return keys;
  const recorded = recordedKeys(admitted, live.current());
  const shellOptions = {
    privateKey: keys.privateKey,
    recordedKey: (target: HostTarget) => recorded.get(placeOf(target.address, targetSsh(target).port)),
    onFirstUse: (target: HostTarget, key: string) => parts.firstUse.seen(namespace, target, key),
  };
  const monotonic = (): number => parts.clock.monotonic();
  return {
    world: {
      store,
      secrets: () => store.readSecrets(),
      shellFor: (target) =>
        withApproval(
          watchedShell(parts.shells.shellFor(target, shellOptions), parts.metrics.shells, monotonic),
          namespace,
        ),
      pysyncobj: parts.pysyncobj,
      rotations: rotationsOf(admitted, live),
      restarts: (cluster) =>
        cluster === admitted.resource ? restartLeave(live.current(), cluster, parts.clock.now()) : NO_LEAVE,
      owner: parts.owner,
      built: parts.memories.of(`${live.type.kind}/${keyOf(live.current())}`).built,
      clusterWord: (cluster) => {
        const status = stored.find((other) => nameOfStored(other) === cluster)?.status;
        return clusterWord(status?.leader, status?.conditions);
      },
      now: () => parts.clock.now(),
    },
  };
}

function rotationsOf({ resource }: Admitted, live: LiveResource): NonNullable<World["rotations"]> {
  return {
    asked: (cluster) => (cluster === resource ? rotationsAsked(live.current()) : []),
    async done(_cluster, role) {
      const left = rotationsAsked(live.current()).filter((other) => other !== role);
      await live.patchMetadata({
        annotations: { [ANNOTATIONS.rotatePassword]: left.length === 0 ? null : left.join(",") },
      });
    },
  };
}

function keysFor(
  { resource }: Admitted,
  secrets: SecretsByName,
): { readonly privateKey: ReturnType<typeof privateKeys> } | { readonly refusal: Refusal } {
  const missing = sshKeyNamesOf(resource).find((key) => !secrets.has(key));
  if (missing !== undefined) {
    const message = `there is no Secret ${missing} with the key to log in with; waiting for it. Make it with: kubectl create secret generic ${missing} --type=kubernetes.io/ssh-auth --from-file=ssh-privatekey=FILE`;
    return {
      refusal: {
        reason: "SshKeyMissing",
        message,
        heals: true,
        awaits: `the Secret ${missing}`,
        about: "CredentialsReady",
      },
    };
  }
  try {
    return { privateKey: privateKeys([resource], secrets, "this namespace") };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return {
      refusal: {
        reason: "SshKeyUnusable",
        message: error.problems.map((problem) => problem.message).join("; "),
        heals: false,
        about: "CredentialsReady",
      },
    };
  }
}

/** By address and port: what one resource of the stack saw holds for all that saw nothing themselves. */
function recordedKeys({ stack, stored }: Admitted, newest: StoredResource): ReadonlyMap<string, string> {
  const seenBy = (resource: Resource, status: StoredStatus | undefined): readonly (readonly [string, string])[] => {
    const { hosts } = recordOf(status);
    return resource.spec.hosts.flatMap((host) => {
      const key = hosts[host.name]?.hostKey;
      return key === undefined ? [] : [[placeOf(host.address, sshOf(resource.spec, host).port), key] as const];
    });
  };
  const resources = resourcesOf(stack).map((resource, index) => ({
    resource,
    isOwn: stored[index]?.metadata.uid === newest.metadata.uid,
    status: stored[index]?.status,
  }));
  const others = resources.filter(({ isOwn }) => !isOwn).flatMap(({ resource, status }) => seenBy(resource, status));
  // The last one counts: an approval on this resource need not wait for one on the others.
  return new Map([
    ...others,
    ...resources.filter(({ isOwn }) => isOwn).flatMap(({ resource }) => seenBy(resource, newest.status)),
  ]);
}

function placeOf(address: string, port: number): string {
  return `${address} ${port}`;
}
