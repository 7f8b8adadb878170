import { artifactKey } from "../artifacts/names.ts";
import type { SecretsByName } from "../credentials/index.ts";
import type { RecordedFacts } from "../state/index.ts";
import type { DesiredArtifact } from "../desired/host.ts";
import type { ImageArchive } from "../desired/image.ts";
import type { Context } from "./reconciler.ts";
import { contentOf } from "../keep-last.ts";
import { dcsKindOf } from "./dcs.ts";
import { askedImages } from "./container-image.ts";
import { formerPools } from "./former-pools.ts";
import { clusterSecrets } from "./secrets.ts";
import { nameOf, resourcesOf, textOf } from "./stack.ts";
import type { Stack } from "./stack.ts";
import { NO_LEAVE } from "./restart-leave.ts";
import type { RestartLeave } from "./restart-leave.ts";
import type { SwitchoverLeave } from "./switchover-leave.ts";
import type { World } from "./world.ts";

/** What a pass rests on beside what hosts say, as it was read. */
export interface ContextInputs {
  readonly stack: Stack;
  readonly records: Context["records"];
  /** All that is recorded where these are, of other stacks as well. */
  readonly others: ReadonlyMap<string, RecordedFacts>;
  readonly artifacts: Context["artifacts"];
  readonly images: Context["images"];
  readonly secrets: SecretsByName;
  /** Roles for which a new password was asked, by cluster, in its order. */
  readonly rotate: readonly (readonly string[])[];
  /** Which restarts may begin, by cluster, in its order. */
  readonly restarts: readonly RestartLeave[];
  /** Which switchovers may begin, by cluster, in its order. */
  readonly switchovers: readonly SwitchoverLeave[];
}

/** Reads what a pass over these resources rests on, beside what hosts say: Secrets, recorded facts, artifacts. */
export async function readInputs(stack: Stack, world: World): Promise<ContextInputs> {
  const records = await Promise.all(
    resourcesOf(stack).map(
      async (resource) =>
        [nameOf(resource), await world.store.readRecord(resource.kind, resource.metadata.name)] as const,
    ),
  );
  const artifacts = new Map<string, DesiredArtifact>();
  for (const asked of stack.clusters.flatMap((cluster) => dcsKindOf(cluster).artifacts(cluster))) {
    artifacts.set(artifactKey(asked), await world.artifacts(asked));
  }
  const images = new Map<string, ImageArchive>();
  for (const { resource, asked } of askedImages([...stack.clusters, ...stack.haproxyPools, ...stack.pgbouncerPools])) {
    const image = await world.images(asked);
    if (image !== undefined) images.set(resource, image);
  }
  const rotate = stack.clusters.map((cluster) => world.rotations?.asked(cluster) ?? []);
  const others = (await world.store.readRecords?.()) ?? new Map<string, RecordedFacts>();
  const restarts = stack.clusters.map((cluster) => world.restarts?.(cluster) ?? NO_LEAVE);
  const switchovers = stack.clusters.map((cluster) => world.switchovers?.(cluster) ?? {});
  const secrets = await world.secrets();
  return { stack, records: new Map(records), others, artifacts, images, secrets, rotate, restarts, switchovers };
}

/** What follows from it, by itself. */
export function contextOf(inputs: ContextInputs): Context {
  const { stack, records, others, artifacts, images, secrets, rotate, restarts, switchovers } = inputs;
  const clusterSecretsOf = new Map(
    stack.clusters.map((cluster, index) => [
      cluster,
      clusterSecrets(cluster, { haproxy: stack.haproxyPools, pgbouncer: stack.pgbouncerPools }, secrets, rotate[index]),
    ]),
  );
  const restartsOf = new Map(stack.clusters.map((cluster, index) => [cluster, restarts[index] ?? NO_LEAVE]));
  return {
    ...stack,
    clusterSecrets: clusterSecretsOf,
    records,
    formerPools: formerPools(stack, others),
    artifacts,
    images,
    secrets,
    restarts: restartsOf,
    switchovers: new Map(stack.clusters.map((cluster, index) => [cluster, switchovers[index] ?? {}])),
  };
}

/** All that went into it. While each of them is the same object, or text, so is all that follows. */
export function partsOf(inputs: ContextInputs): readonly unknown[] {
  const { stack, records, others, artifacts, images, secrets, rotate, restarts, switchovers } = inputs;
  return [
    ...resourcesOf(stack).map(textOf),
    ...[...records.values(), ...others.values()].map(recordText),
    ...artifacts.values(),
    ...images.values(),
    ...secrets.values(),
    ...rotate.flat(),
    ...[...restarts, ...switchovers].map((leave) => JSON.stringify(leave)),
  ];
}

/** A record is read anew with its status. */
const recordText = contentOf();
