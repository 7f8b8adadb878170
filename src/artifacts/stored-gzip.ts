import { crc32 } from "node:zlib";

const LARGEST_BLOCK = 0xffff;

/**
 * A gzip file that holds the bytes as they are. Compressed, it would depend on the zlib of the day; the digest of what
 * hosts have must not change because pgha runs on another Node. RFC 1952, RFC 1951 section 3.2.4.
 */
export function storedGzip(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  let at = 0;
  do {
    const part = bytes.subarray(at, at + LARGEST_BLOCK);
    at += part.length;
    const head = Buffer.alloc(5);
    head.writeUInt8(at >= bytes.length ? 1 : 0, 0);
    head.writeUInt16LE(part.length, 1);
    head.writeUInt16LE(part.length ^ LARGEST_BLOCK, 3);
    blocks.push(head, part);
  } while (at < bytes.length);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(bytes), 0);
  tail.writeUInt32LE(bytes.length % 2 ** 32, 4);
  // Deflate, no flags, no time, no hint, from Unix.
  return Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), ...blocks, tail]);
}
