import { Readable } from "node:stream";
import { imageTag } from "../desired/image.ts";
import type { ImageArchive } from "../desired/image.ts";
import type { Feed } from "../shell/command.ts";
import { unpacked } from "./image-entries.ts";
import { BLOCK, isEnd, plainHeader, readHeader } from "./tar-header.ts";

/**
 * The archive as it goes to a host: as `docker load` reads it, and with a name of pgha's own in place of those in it.
 * Loaded under theirs, it would take them away from whatever image of somebody else's has them there.
 */
export function imageFeed(archive: ImageArchive): Feed {
  return { bytes: archive.bytes, open: () => Readable.from(renamed(archive), { objectMode: false }) };
}

async function* renamed({ path, compression, id }: ImageArchive): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  /** What is left of the file in hand, filling among it, and where it goes: out, nowhere, or here to be rewritten. */
  let left = 0;
  let way: "on" | "away" | "manifest" = "on";
  let manifest: Buffer[] = [];
  let size = 0;
  for await (const chunk of unpacked(path, compression) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= (left > 0 ? 1 : BLOCK)) {
      if (left > 0) {
        const part = rest.subarray(0, left);
        rest = rest.subarray(part.length);
        left -= part.length;
        if (way === "on") yield part;
        if (way === "manifest") manifest.push(part);
        if (left === 0 && way === "manifest") yield* ownManifest(Buffer.concat(manifest).subarray(0, size), id);
        continue;
      }
      const block = rest.subarray(0, BLOCK);
      rest = rest.subarray(BLOCK);
      const header = isEnd(block) ? undefined : readHeader(block);
      way = "on";
      if (header?.name === "manifest.json") [way, manifest, size] = ["manifest", [], header.size];
      if (header?.name === "repositories") way = "away";
      left = Math.ceil((header?.size ?? 0) / BLOCK) * BLOCK;
      if (way === "on") yield block;
    }
  }
  if (rest.length > 0) yield rest;
}

function* ownManifest(content: Buffer, id: string): Generator<Buffer> {
  const images = JSON.parse(content.toString("utf8")) as readonly object[];
  const own = Buffer.from(JSON.stringify(images.map((image) => ({ ...image, RepoTags: [imageTag(id)] }))));
  yield plainHeader("manifest.json", own.length);
  yield own;
  yield Buffer.alloc(-own.length & (BLOCK - 1));
}
