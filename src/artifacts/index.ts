export { ArtifactError } from "./artifact-error.ts";
export { cacheFolder } from "./cache.ts";
export { imageFiles, imageFolder } from "./image-source.ts";
export type { AskedImage, ImageSource } from "./image-source.ts";
export { PYSYNCOBJ } from "./pysyncobj.ts";
export { artifactSource } from "./source.ts";
export type { ArtifactSource } from "./source.ts";
export { treeDigestCommand } from "./tree-digest.ts";
