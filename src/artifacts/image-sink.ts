import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Sink } from "../shell/command.ts";
import { ArtifactError } from "./artifact-error.ts";
import { cacheFolder } from "./cache.ts";
import { readImageArchive } from "./image-archive.ts";

/** Where what was built by a recipe is kept on the controlling side. */
export function builtPath(digest: string): string {
  return join(cacheFolder(), "images", `${digest}.tar`);
}

/** Takes what `docker save` prints; it is there under its name once it is whole and holds an image. */
export function imageSink(digest: string): Sink {
  const path = builtPath(digest);
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  return {
    open: async () => {
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        const file = await open(draft, "w", 0o600);
        return file.createWriteStream();
      } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
        throw new ArtifactError(
          `what is built could not be kept in ${dirname(path)} here (${code}); nothing was built`,
          {
            wayOut:
              "give pgha a folder that it may write to, with room for images: XDG_CACHE_HOME, in a pod on a volume",
            retry: "backoff",
            cause: error,
          },
        );
      }
    },
    keep: async () => {
      await readImageArchive(draft, "what was built");
      await rename(draft, path);
    },
    drop: async () => rm(draft, { force: true }),
  };
}
