export { ArtifactError } from "./artifact-error.ts";
export { cacheFolder } from "./cache.ts";
export { desiredPysyncobj, PYSYNCOBJ, pysyncobjArtifact } from "./pysyncobj.ts";
export type { PysyncobjArtifact } from "./pysyncobj.ts";
export { treeDigestCommand } from "./tree-digest.ts";
