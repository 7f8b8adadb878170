import { brokenLasting, lastingOf } from "../api/index.ts";
import type { Resource } from "../api/index.ts";
import { InvalidInputError } from "../errors.ts";
import { nextWave } from "../plan/wave.ts";
import type { Pass } from "../reconcilers/reconcile.ts";
import { resourcesOf } from "../reconcilers/stack.ts";
import type { Stack } from "../reconcilers/stack.ts";
import type { RecordedFacts, StateStore } from "../state/index.ts";

/**
 * Refuses what the API server would refuse to a resource that exists: a change of what can't be changed. By command
 * line the spec before is what was last applied, as the state folder holds it.
 *
 * @throws InvalidInputError with every such field.
 */
export async function refuseChanged(stack: Stack, store: StateStore): Promise<void> {
  const problems = await Promise.all(
    resourcesOf(stack).map(async (resource) => {
      const recorded = await store.readRecord(resource.kind, resource.metadata.name);
      return recorded.applied === undefined || !isSetUp(resource, recorded)
        ? []
        : brokenLasting(recorded.applied, resource);
    }),
  );
  if (problems.flat().length > 0) throw new InvalidInputError(problems.flat());
}

/**
 * Writes down what is about to be applied. Of a cluster that was set up before anything was written down, nothing is
 * known to be in force yet, so it is not.
 */
export async function recordApproved(stack: Stack, pass: Pass, store: StateStore): Promise<void> {
  if (nextWave(pass.plan).kind === "blocked") return;
  await record(stack, store, (resource, recorded) => recorded.applied !== undefined || !isSetUp(resource, recorded));
}

/** Writes down what is in force everywhere. */
export async function recordConverged(stack: Stack, store: StateStore): Promise<void> {
  await record(stack, store, () => true);
}

async function record(
  stack: Stack,
  store: StateStore,
  isMeant: (resource: Resource, recorded: RecordedFacts) => boolean,
): Promise<void> {
  for (const resource of resourcesOf(stack)) {
    const { kind, metadata } = resource;
    const recorded = await store.readRecord(kind, metadata.name);
    const known = { applied: lastingOf(resource), ...portsOf(resource) };
    const { applied, ports } = recorded;
    if (isMeant(resource, recorded) && JSON.stringify({ applied, ports }) !== JSON.stringify(known))
      await store.writeRecord(kind, metadata.name, { ...recorded, ...known });
  }
}

/** Of a pool that is in no manifest any more, nobody else knows where its clients are. */
function portsOf(resource: Resource): Pick<RecordedFacts, "ports"> {
  if (resource.kind === "PostgresHACluster" || resource.kind === "HostBaseline") return {};
  return {
    ports:
      resource.kind === "PgBouncerPool" ? [resource.spec.port] : [resource.spec.ports.write, resource.spec.ports.read],
  };
}

/** Before its first start nothing of a cluster lasts: a version that no package source has can be put right. */
function isSetUp({ kind }: Resource, { systemId, bootstrapIntent, applied }: RecordedFacts): boolean {
  return kind === "PostgresHACluster" ? systemId !== undefined || bootstrapIntent !== undefined : applied !== undefined;
}
