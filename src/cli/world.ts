import { hostname } from "node:os";
import type { SecretDocument as WrittenSecret } from "../api/secret-document.ts";
import { whyHandsOff } from "../api/annotations.ts";
import type { Resource } from "../api/index.ts";
import { artifactSource, imageFiles } from "../artifacts/index.ts";
import { combineSecrets } from "../credentials/index.ts";
import type { SecretsByName } from "../credentials/index.ts";
import { InvalidInputError } from "../errors.ts";
import { keepLast, oncePer } from "../keep-last.ts";
import { resourcesOf } from "../reconcilers/stack.ts";
import type { Stack } from "../reconcilers/stack.ts";
import type { World } from "../reconcilers/world.ts";
import { approvable } from "./approvable.ts";
import { lockState, openFolderStore } from "../state/index.ts";
import type { OwnStore } from "../state/index.ts";
import { firstUseRecorder } from "../world/first-use.ts";
import { privateKeys } from "../world/private-keys.ts";
import { shellPool } from "../world/shell-pool.ts";

export interface WorldOptions {
  readonly stack: Stack;
  readonly stateFolder: string;
  /** Secrets that were given with the manifests. */
  readonly secrets: readonly WrittenSecret[];
  /** What will be named as the holder of a host or of the state: "pgha apply". */
  readonly command: string;
  /** Keep every other run that wants the state for itself out of it. */
  readonly exclusive: boolean;
  readonly now: () => number;
}

/** A world that holds connections: close it when done. */
export interface OpenWorld extends World {
  readonly store: OwnStore;
  readonly close: () => Promise<void>;
}

/**
 * The world of the command line: secrets and records in a state folder, hosts over SSH from this machine.
 *
 * @throws InvalidInputError for keys and Secrets that are missing or of no use, StateError and StateLockedError.
 */
export async function openWorld({
  stack,
  stateFolder,
  secrets: given,
  command,
  exclusive,
  now,
}: WorldOptions): Promise<OpenWorld> {
  const folder = await openFolderStore(stateFolder);
  const lock = exclusive ? await lockState(stateFolder, command) : undefined;
  try {
    const lastCombined = keepLast<ReturnType<typeof combineSecrets>>();
    const secrets = async (): Promise<SecretsByName> => {
      const kept = await folder.readSecrets();
      return sound(lastCombined([...kept.values()], () => combineSecrets(given, kept, folder.place)));
    };
    const resources: readonly Resource[] = resourcesOf(stack);
    const firstUse = await firstUseRecorder(folder, resources);
    const pool = shellPool({
      privateKey: privateKeys(resources, await secrets(), folder.place),
      recordedKey: firstUse.recordedKey,
      onFirstUse: firstUse.onFirstUse,
    });
    return {
      store: firstUse.store,
      secrets,
      shellFor: (target) => withWayOut(pool.shellFor(target)),
      artifacts: artifactSource(),
      images: imageFiles(),
      built: keepLast(),
      handsOff: whyHandsOff,
      owner: `${command}, pid ${process.pid} on ${hostname()}, since ${new Date(now()).toISOString().slice(0, 19)}Z`,
      now,
      close: async () => {
        await pool.close();
        await firstUse.settled();
        await lock?.release();
      },
    };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

/** One object a shell, as what asks a host is told apart by it. */
const withWayOut = oncePer(approvable);

function sound({ secrets, problems }: ReturnType<typeof combineSecrets>): SecretsByName {
  if (problems.length > 0) {
    throw new InvalidInputError(problems);
  }
  return secrets;
}
