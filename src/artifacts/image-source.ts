import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ImageArchive } from "../desired/image.ts";
import { ArtifactError } from "./artifact-error.ts";
import { readImageArchive } from "./image-archive.ts";
import { builtPath } from "./image-sink.ts";

/** The file of an image, as a resource asks for it: one that it names, or that a recipe gave. */
export type AskedImage = NamedFile | { readonly recipe: string };

interface NamedFile {
  /** The field that names it, with its resource. */
  readonly field: string;
  readonly path: string;
}

/** What image files hold; undefined for what is not built yet. Throws ArtifactError. */
export type ImageSource = (asked: AskedImage) => Promise<ImageArchive | undefined>;

/** Files from where a resource says, as the command line has them. */
export function imageFiles(): ImageSource {
  return kept(({ path }) => path);
}

/**
 * Files of one folder, by their names alone: paths in a manifest are those of somebody else's machine, and who may
 * write one must not have other files read.
 */
export function imageFolder(folder: string | undefined): ImageSource {
  return kept(({ field, path }) => {
    const name = basename(path);
    if (folder === undefined)
      throw new ArtifactError(`${field}: this operator has no folder of images to take ${name} from`, {
        wayOut: `mount a volume with ${name} in it into its pod, and name where with PGHA_IMAGES (or --images)`,
      });
    return join(folder, name);
  });
}

/** Read once, and again when the file is another one: it is asked for at every look. */
function kept(placeOf: (asked: NamedFile) => string): ImageSource {
  const read = new Map<string, { readonly version: string; readonly archive: ImageArchive }>();
  return async (asked) => {
    const isBuilt = "recipe" in asked;
    const path = isBuilt ? builtPath(asked.recipe) : placeOf(asked);
    const version = await stat(path).then(
      ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
      () => "",
    );
    const before = read.get(path);
    if (before !== undefined && version !== "" && before.version === version) return before.archive;
    if (isBuilt && version === "") return undefined;
    try {
      const archive = await readImageArchive(path, isBuilt ? "what was built" : asked.field);
      read.set(path, { version, archive });
      return archive;
    } catch (error) {
      // What is damaged in the cache is fetched again.
      if (isBuilt && error instanceof ArtifactError) return undefined;
      throw error;
    }
  };
}
