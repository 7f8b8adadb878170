import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { BLOCK, isEnd, readHeader } from "./tar-header.ts";

export type ImageCompression = "none" | "gzip" | "zstd";

/** A file in an archive. */
export interface ArchiveEntry {
  /** Without a leading `./`, and without a slash at its end. */
  readonly name: string;
  /** Of those that were asked for. */
  readonly content: Buffer | undefined;
  /** Where the archive goes on after it, in bytes of the unpacked one. */
  readonly end: number;
}

/**
 * What is in a tar archive, in its order; of those that `wanted` names, with content. One that is not compressed is not
 * read but for that. The iteration throws Error, in words that go on after its path, for what is no archive or is cut
 * short.
 */
export async function archiveEntries(
  path: string,
  wanted: (name: string, size: number) => boolean,
): Promise<{ readonly compression: ImageCompression; readonly entries: AsyncIterable<ArchiveEntry> }> {
  const handle = await open(path);
  let compression: ImageCompression;
  try {
    compression = compressionOf(await readAt(handle, 0, 8));
  } catch (error) {
    await handle.close();
    throw error;
  }
  return { compression, entries: entriesOf(path, handle, compression, wanted) };
}

/** The archive as it was before it was compressed. */
export function unpacked(path: string, compression: ImageCompression): Readable {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  switch (compression) {
    case "none":
      return file;
    case "gzip":
      // Whoever reads hears of an error by its own stream.
      return pipeline(file, createGunzip(), () => undefined);
    case "zstd":
      return pipeline(file, createZstdDecompress(), () => undefined);
  }
}

function compressionOf(start: Buffer): ImageCompression {
  if (start.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return "gzip";
  if (start.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))) return "zstd";
  const other = [
    ["xz", Buffer.from("\u00FD7zXZ", "latin1")],
    ["bzip2", Buffer.from("BZh")],
  ] as const;
  const found = other.find(([, magic]) => start.subarray(0, magic.length).equals(magic));
  if (found !== undefined) throw new Error(`is compressed with ${found[0]}; none, gzip and zstd are read`);
  return "none";
}

async function* entriesOf(
  path: string,
  handle: FileHandle,
  compression: ImageCompression,
  wanted: (name: string, size: number) => boolean,
): AsyncGenerator<ArchiveEntry> {
  const source = compression === "none" ? fileSource(handle) : streamSource(unpacked(path, compression));
  try {
    let at = 0;
    let any = false;
    for (;;) {
      const block = await source.read(BLOCK);
      if (block.length < BLOCK) throw new Error(any ? "is cut short" : "is no tar archive");
      at += BLOCK;
      if (isEnd(block)) {
        if (!any) throw new Error("is an empty archive");
        return;
      }
      const header = readHeader(block);
      if (header === undefined)
        throw new Error(any ? "is damaged: a header in it does not add up" : "is no tar archive");
      any = true;
      const padded = Math.ceil(header.size / BLOCK) * BLOCK;
      const content = wanted(header.name, header.size) ? await source.read(header.size) : undefined;
      if (content !== undefined && content.length < header.size) throw new Error("is cut short");
      await source.skip(padded - (content?.length ?? 0));
      at += padded;
      yield { name: header.name, content, end: at };
    }
  } finally {
    await source.close();
    await handle.close();
  }
}

interface Source {
  /** Fewer bytes only at the end. */
  readonly read: (bytes: number) => Promise<Buffer>;
  readonly skip: (bytes: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

function fileSource(handle: FileHandle): Source {
  let at = 0;
  return {
    read: async (bytes) => {
      const content = await readAt(handle, at, bytes);
      at += content.length;
      return content;
    },
    skip: async (bytes) => {
      // The last byte that is passed over has to be there.
      if (bytes > 0 && (await readAt(handle, at + bytes - 1, 1)).length === 0) throw new Error("is cut short");
      at += bytes;
    },
    close: async () => undefined,
  };
}

function streamSource(stream: Readable): Source {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  const take = async (bytes: number, keep: boolean): Promise<Buffer> => {
    const taken: Buffer[] = [];
    let missing = bytes;
    while (missing > 0) {
      if (rest.length === 0) {
        const next = await chunks.next();
        if (next.done === true) break;
        rest = next.value;
      }
      const part = rest.subarray(0, missing);
      rest = rest.subarray(part.length);
      missing -= part.length;
      if (keep) taken.push(part);
    }
    if (!keep && missing > 0) throw new Error("is cut short");
    return Buffer.concat(taken);
  };
  return {
    read: async (bytes) => take(bytes, true),
    skip: async (bytes) => void (await take(bytes, false)),
    close: async () => void stream.destroy(),
  };
}

async function readAt(handle: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  let got = 0;
  while (got < bytes) {
    const { bytesRead } = await handle.read(buffer, got, bytes - got, position + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return buffer.subarray(0, got);
}
