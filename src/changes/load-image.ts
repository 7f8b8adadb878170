import { imageFeed } from "../artifacts/image-feed.ts";
import { imageTag, shortId } from "../desired/image.ts";
import type { ImageArchive } from "../desired/image.ts";
import { script, sh, withFeed } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { size } from "../text/size.ts";
import type { HostChangeKind } from "./change-kind.ts";

export interface LoadImage {
  readonly kind: "load-image";
  /** What a person calls what runs in it. */
  readonly title: string;
  readonly archive: ImageArchive;
}

/** A line that lets nothing more through than this is no line for an image. */
const SLOWEST_BYTES_PER_MS = 250;

export const loadImage: HostChangeKind<LoadImage> = {
  kind: "load-image",
  describe: ({ title, archive }) => `load the image of ${title} (${shortId(archive.id)}, ${size(archive.bytes)})`,
  target: ({ archive }) => archive.id,
  action: "create",
  event: "ImageLoaded",
  undoneBy: "nobody",
  undoneElsewhere: "something on that host removes images (docker image prune -a, a timer of somebody's)",
  command: load,
  deadlineMs: ({ archive }) => 300_000 + Math.ceil(archive.bytes / SLOWEST_BYTES_PER_MS),
};

/**
 * Loads an archive, and demands that it gave the image it was said to. What another run loaded meanwhile is not sent
 * again. One that is cut off half-way leaves layers that nobody sees, which the next try finds there.
 */
function load({ archive }: LoadImage): Command {
  const isThere = sh`docker image inspect --format . ${archive.id} >/dev/null 2>&1`;
  return withFeed(
    script([
      sh`if ${isThere}; then exit 0; fi`,
      sh`docker load --quiet >/dev/null`,
      sh`${isThere} || {
  echo ${`the archive was loaded, and ${archive.id} is not among the images of this host`} >&2; exit 1
}`,
      sh`docker image inspect --format . ${imageTag(archive.id)} >/dev/null 2>&1 ||
  docker tag ${archive.id} ${imageTag(archive.id)}`,
    ]),
    imageFeed(archive),
  );
}
