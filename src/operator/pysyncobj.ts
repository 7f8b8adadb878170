import { cacheFolder, desiredPysyncobj, pysyncobjArtifact } from "../artifacts/index.ts";
import type { DesiredArtifact } from "../desired/host.ts";

/**
 * PySyncObj for the members: from the file that the operator was given (baked into its image), whatever a resource
 * names, since paths in a manifest are those of somebody else's machine; else fetched once. A failed try is repeated.
 */
export function pysyncobjSource(file: string | undefined): (named: string | undefined) => Promise<DesiredArtifact> {
  let artifact: Promise<DesiredArtifact> | undefined;
  return async () => {
    artifact ??= pysyncobjArtifact({ cacheFolder: cacheFolder(), ...(file === undefined ? {} : { file }) }).then(
      desiredPysyncobj,
    );
    try {
      return await artifact;
    } catch (error) {
      artifact = undefined;
      throw error;
    }
  };
}
