import type { Resource } from "../../src/api/index.ts";
import { decodeKubeSecret } from "../../src/state/kube-secrets.ts";
import type { KubeSecret } from "../../src/state/kube-secrets.ts";
import { judged } from "../../src/operator/resources/judged.ts";
import { artifactSource, imageFiles } from "../../src/artifacts/index.ts";
import { resourcesOf, stackOf } from "../../src/reconcilers/stack.ts";
import { lookAt } from "../../src/reconcilers/reconcile.ts";
import type { Stack } from "../../src/reconcilers/stack.ts";
import type { World } from "../../src/reconcilers/world.ts";
import type { RemoteShell } from "../../src/shell/shell.ts";
import { recordOf } from "../../src/state/kube-record.ts";
import { memoryStore } from "../../src/state/index.ts";
import type { StoredResource } from "../../src/state/live-resource.ts";
import { privateKeys } from "../../src/world/private-keys.ts";
import { shellPool } from "../../src/world/shell-pool.ts";

/** A healthy stack, and what its hosts answered when they were looked at. It holds passwords of a lab that is gone. */
export interface Recording {
  readonly resources: readonly StoredResource[];
  readonly secrets: readonly KubeSecret[];
  /** Standard output of a look at a host, for all resources there. */
  readonly answers: Readonly<Record<string, string>>;
}

/** Looks once at each host of a stack that is Ready. */
export async function record(resources: readonly StoredResource[], secrets: readonly KubeSecret[]): Promise<Recording> {
  const answers: Record<string, string> = {};
  const stack = stackFrom(resources);
  const { world, close } = await worldFrom(resources, secrets, (shell) => ({
    host: shell.host,
    async run(command, options) {
      const result = await shell.run(command, options);
      answers[shell.host] = result.stdout;
      return result;
    },
  }));
  await lookAt(stack, world);
  await close();
  return { resources, secrets, answers };
}

export function stackFrom(resources: readonly StoredResource[]): Stack {
  const sound = resources.map((stored): Resource => {
    const verdict = judged(stored);
    if (!verdict.sound) throw new Error(verdict.problems.map((problem) => problem.message).join("; "));
    return verdict.resource;
  });
  return stackOf(sound);
}

type Wrap = (shell: RemoteShell) => RemoteShell;

export async function worldFrom(
  resources: readonly StoredResource[],
  secrets: readonly KubeSecret[],
  wrap: Wrap,
): Promise<{ readonly world: World; readonly close: () => Promise<void> }> {
  const documents = secrets.map(decodeKubeSecret);
  const byName = new Map(documents.map((secret) => [secret.name, secret]));
  const store = memoryStore(documents);
  for (const { kind = "", metadata, status } of resources)
    await store.writeRecord(kind, metadata.name, recordOf(status));
  const pool = shellPool({
    privateKey: privateKeys(resourcesOf(stackFrom(resources)), byName, "the bench"),
    recordedKey: () => undefined,
    onFirstUse: () => {},
  });
  const pysyncobj = process.env["PGHA_PYSYNCOBJ_FILE"];
  return {
    world: {
      store,
      secrets: () => store.readSecrets(),
      shellFor: (target) => wrap(pool.shellFor(target)),
      artifacts: artifactSource(pysyncobj === undefined ? {} : { pysyncobj }),
      images: imageFiles(),
      owner: "bench",
      now: Date.now,
    },
    close: pool.close,
  };
}
