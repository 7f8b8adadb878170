/** Tar archives are made of blocks of this many bytes. */
export const BLOCK = 512;

export interface TarHeader {
  /** Without a leading `./`, and without a slash at its end. */
  readonly name: string;
  readonly size: number;
}

/** Archives end with blocks of zeros. */
export function isEnd(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/**
 * The header of one file, ustar or GNU; undefined for a block that is none, by its checksum. POSIX.1-2017, pax, "ustar
 * Interchange Format"; sizes of 8 GiB and more as GNU tar writes them.
 */
export function readHeader(block: Buffer): TarHeader | undefined {
  const sum = Number.parseInt(text(block, 148, 8), 8);
  if (sum !== checksum(block)) return undefined;
  const size = (block[124] ?? 0) & 0x80 ? Number(block.readBigUInt64BE(128)) : Number.parseInt(text(block, 124, 12), 8);
  if (!Number.isSafeInteger(size) || size < 0) return undefined;
  const prefix = text(block, 257, 5) === "ustar" && block[262] === 0 ? text(block, 345, 155) : "";
  const name = prefix === "" ? text(block, 0, 100) : `${prefix}/${text(block, 0, 100)}`;
  return { name: name.replace(/^(\.\/)+/, "").replace(/\/+$/, ""), size };
}

/** The header of a regular file that anybody may read, of root's, from 1970. Its name has up to 100 bytes. */
export function plainHeader(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write("0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write("00000000000\0", 136);
  block.write("0", 156);
  block.write("ustar\u000000", 257);
  block.write(`${checksum(block).toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** The sum is taken with its own field blank. */
function checksum(block: Buffer): number {
  let sum = 8 * 32;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

/** A field ends at its first NUL, if it has one. */
function text(block: Buffer, start: number, length: number): string {
  const field = block.toString("utf8", start, start + length);
  const end = field.indexOf("\0");
  return (end < 0 ? field : field.slice(0, end)).trim();
}
