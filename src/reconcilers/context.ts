import type { DesiredArtifact } from "../desired/host.ts";
import type { Stack } from "./reconcile.ts";
import { nameOf } from "./reconciler.ts";
import type { Context } from "./reconciler.ts";
import { clusterSecrets } from "./secrets.ts";
import type { World } from "./world.ts";

/** Reads what a pass over these resources rests on, beside what hosts say: Secrets, recorded facts, the artifact. */
export async function readContext(stack: Stack, world: World): Promise<Context> {
  const resources = [...stack.clusters, ...stack.haproxyPools, ...stack.pgbouncerPools];
  const records = await Promise.all(resources.map(async (resource) => [nameOf(resource), await world.store.readRecord(resource.kind, resource.metadata.name)] as const));
  const pinned = stack.clusters.map((cluster) => cluster.spec.patroni.dcs.raft).filter((raft) => raft.pysyncobj === "pinned");
  const pysyncobj = new Map<string, DesiredArtifact>();
  for (const { pysyncobjFile } of pinned) {
    pysyncobj.set(pysyncobjFile ?? "", await world.pysyncobj(pysyncobjFile));
  }
  const secrets = await world.secrets();
  const clusterSecretsOf = new Map(stack.clusters.map((cluster) => [cluster, clusterSecrets(cluster, { haproxy: stack.haproxyPools, pgbouncer: stack.pgbouncerPools }, secrets)]));
  return { ...stack, clusterSecrets: clusterSecretsOf, records: new Map(records), pysyncobj };
}
