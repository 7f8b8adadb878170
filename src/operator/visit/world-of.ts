import { ANNOTATIONS } from "../../api/annotations.ts";
import { isService, sshOf } from "../../api/index.ts";
import type { PostgresHACluster, Resource } from "../../api/index.ts";
import type { SecretsByName } from "../../credentials/index.ts";
import { InvalidInputError } from "../../errors.ts";
import { clusterWord } from "../../reconcilers/cluster-word.ts";
import { nameOf, resourcesOf } from "../../reconcilers/stack.ts";
import type { HostTarget } from "../../reconcilers/targets.ts";
import type { World } from "../../reconcilers/world.ts";
import { fingerprintOf } from "../../shell/host-key.ts";
import { recordOf } from "../../state/kube-record.ts";
import { kubeStore } from "../../state/kube-store.ts";
import type { StateStore } from "../../state/index.ts";
import type { LiveResource } from "../../state/live-resource.ts";
import { privateKeys } from "../../world/private-keys.ts";
import { NO_LEAVE } from "../../reconcilers/restart-leave.ts";
import { targetSsh } from "../../world/target-ssh.ts";
import { approvals, rotationsAsked } from "../annotations.ts";
import { outsideWindows } from "../outside-windows.ts";
import { restartLeave } from "../restart-leave.ts";
import { switchoverLeave } from "../switchover-leave.ts";
import { withApproval } from "../hosts/approval.ts";
import { watchedShell } from "../hosts/watched-shell.ts";
import { secretNamesOf, sshKeyNamesOf } from "../resources/secret-names.ts";
import type { VisitedStack } from "../resources/stack-of.ts";
import type { Refusal } from "../status/unlooked.ts";
import type { Resident, VisitParts } from "./parts.ts";

/** What a visit to a stack, or to one resource of it, rests on. */
export interface WorldInputs extends VisitedStack {
  /** All resources of the stack as they are now. */
  readonly residents: readonly Resident[];
  readonly parts: VisitParts;
}

/** Secrets and records of a stack, in Kubernetes. */
export function storeOf({ stack, residents, parts }: WorldInputs): StateStore {
  return kubeStore({
    client: parts.client,
    namespace: namespaceOf(residents),
    resources: new Map(residents.map(({ name, live }) => [name, live])),
    secretNames: secretNamesOf(stack),
    watched: parts.known.secret,
  });
}

/**
 * The engine's world for one visit: Secrets and records in Kubernetes, the hosts of `looked` over the operator's kept
 * connections.
 */
export async function worldOf(
  inputs: WorldInputs,
  store: StateStore,
  looked: readonly Resource[],
  kept: Pick<World, "built" | "findings"> = {},
): Promise<World> {
  const { residents, parts } = inputs;
  const namespace = namespaceOf(residents);
  const privateKey = privateKeys(looked, await store.readSecrets(), "this namespace");
  const recorded = recordedKeys(inputs);
  const shellOptions = {
    privateKey,
    recordedKey: (target: HostTarget) => recorded.get(placeOf(target.address, targetSsh(target).port)),
    onFirstUse: (target: HostTarget, key: string) => parts.firstUse.seen(namespace, target, key),
  };
  const monotonic = (): number => parts.clock.monotonic();
  return {
    store,
    secrets: () => store.readSecrets(),
    shellFor: (target) =>
      withApproval(
        watchedShell(parts.shells.shellFor(target, shellOptions), parts.metrics.shells, monotonic),
        namespace,
      ),
    artifacts: parts.artifacts,
    images: parts.images,
    rotations: rotationsOf(residents),
    restarts: (cluster) => {
      const live = residents.find(({ name }) => name === nameOf(cluster))?.live;
      return live === undefined ? NO_LEAVE : restartLeave(live.current(), cluster, parts.clock.now());
    },
    switchovers: (cluster) => {
      const live = residents.find(({ name }) => name === nameOf(cluster))?.live;
      return live === undefined ? {} : switchoverLeave(live.current(), cluster, parts.clock.now());
    },
    outsideWindows: (cluster) => {
      const live = residents.find(({ name }) => name === nameOf(cluster))?.live;
      return live !== undefined && outsideWindows(live.current(), cluster, parts.clock.now());
    },
    owner: parts.owner,
    ...kept,
    clusterWord: (cluster) => {
      const status = residents.find(({ name }) => name === cluster)?.live.current().status;
      return clusterWord(status?.leader, status?.conditions);
    },
    now: () => parts.clock.now(),
  };
}

function namespaceOf(residents: readonly Resident[]): string {
  return residents[0]?.live.current().metadata.namespace ?? "";
}

function rotationsOf(residents: readonly Resident[]): NonNullable<World["rotations"]> {
  const liveOf = (cluster: PostgresHACluster): LiveResource | undefined =>
    residents.find(({ name }) => name === nameOf(cluster))?.live;
  return {
    asked: (cluster) => {
      const live = liveOf(cluster);
      return live === undefined ? [] : rotationsAsked(live.current());
    },
    async done(cluster, role) {
      const live = liveOf(cluster);
      if (live === undefined) return;
      const left = rotationsAsked(live.current()).filter((other) => other !== role);
      await live.patchMetadata({
        annotations: { [ANNOTATIONS.rotatePassword]: left.length === 0 ? null : left.join(",") },
      });
    },
  };
}

/** Why the hosts of a resource cannot be logged in to. */
export function keyRefusal(resource: Resource, secrets: SecretsByName): Refusal | undefined {
  const missing = sshKeyNamesOf(resource).find((key) => !secrets.has(key));
  if (missing !== undefined) {
    const message =
      `there is no Secret ${missing} with the key to log in with; waiting for it. Make it with: kubectl ` +
      `create secret generic ${missing} --type=kubernetes.io/ssh-auth --from-file=ssh-privatekey=FILE`;
    return {
      reason: "SshKeyMissing",
      message,
      heals: true,
      awaits: `the Secret ${missing}`,
      about: "CredentialsReady",
    };
  }
  try {
    privateKeys([resource], secrets, "this namespace");
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return {
      reason: "SshKeyUnusable",
      message: error.problems.map((problem) => problem.message).join("; "),
      heals: false,
      about: "CredentialsReady",
    };
  }
}

/**
 * By address and port: what one resource of the stack saw holds for all that saw nothing themselves. One that a person
 * approved counts before one that was merely seen: an approval on one resource need not wait for one on the others.
 */
function recordedKeys({ stack, residents }: WorldInputs): ReadonlyMap<string, string> {
  const known = resourcesOf(stack)
    .filter(isService)
    .flatMap((resource) => {
      const stored = residents.find(({ name }) => name === nameOf(resource))?.live.current();
      const { hosts } = recordOf(stored?.status);
      const approved = stored === undefined ? undefined : approvals(stored);
      return resource.spec.hosts.flatMap((host) => {
        const key = hosts[host.name]?.hostKey;
        if (key === undefined) return [];
        const fingerprint = approved?.get(host.name)?.fingerprint;
        const isApproved = fingerprint !== undefined && fingerprintOf(key) === fingerprint;
        return [{ place: placeOf(host.address, sshOf(resource.spec, host).port), key, isApproved }];
      });
    });
  // The last one counts.
  const inOrder = [...known.filter(({ isApproved }) => !isApproved), ...known.filter(({ isApproved }) => isApproved)];
  return new Map(inOrder.map(({ place, key }) => [place, key]));
}

function placeOf(address: string, port: number): string {
  return `${address} ${port}`;
}
