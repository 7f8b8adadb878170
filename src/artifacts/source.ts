import type { DesiredArtifact } from "../desired/host.ts";
import { cacheFolder } from "./cache.ts";
import { artifactKey } from "./names.ts";
import type { ArtifactName, AskedArtifact } from "./names.ts";
import { desiredPysyncobj, pysyncobjArtifact } from "./pysyncobj.ts";

/** Where artifacts come from. Throws ArtifactError. */
export type ArtifactSource = (asked: AskedArtifact) => Promise<DesiredArtifact>;

/** How each is made ready, from a file or fetched. */
const MADE: Readonly<
  Record<ArtifactName, (from: { readonly file?: string; readonly cacheFolder: string }) => Promise<DesiredArtifact>>
> = { pysyncobj: async (from) => desiredPysyncobj(await pysyncobjArtifact(from)) };

/**
 * Artifacts, each made ready once; a failed try is repeated. With `files`, from these, whatever a resource names, since
 * paths in a manifest are those of somebody else's machine; what is not among them is fetched. Without, from where it
 * says.
 */
export function artifactSource(files?: Readonly<Partial<Record<ArtifactName, string>>>): ArtifactSource {
  const ready = new Map<string, Promise<DesiredArtifact>>();
  return async ({ name, file: named }) => {
    const file = files === undefined ? named : files[name];
    const key = artifactKey({ name, file });
    const artifact =
      ready.get(key) ?? MADE[name]({ cacheFolder: cacheFolder(), ...(file === undefined ? {} : { file }) });
    ready.set(key, artifact);
    try {
      return await artifact;
    } catch (error) {
      ready.delete(key);
      throw error;
    }
  };
}
