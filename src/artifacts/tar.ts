/** A regular file in a tar archive. */
export interface TarFile {
  /** Relative, with slashes. */
  readonly path: string;
  readonly content: Buffer;
}

const BLOCK = 512;

/**
 * The regular files of a tar archive, ustar or old GNU format. Everything else in it (folders, links, extended headers)
 * is skipped: what is read here is pinned by its digest, so this need not be a general reader. Throws RangeError for
 * one that is cut short.
 */
export function readTar(archive: Buffer): readonly TarFile[] {
  const files: TarFile[] = [];
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) {
      break;
    }
    const size = Number.parseInt(text(header, 124, 12), 8);
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (!Number.isSafeInteger(size) || content.length !== size) {
      throw new RangeError("the tar archive is cut short");
    }
    const type = text(header, 156, 1);
    const prefix = text(header, 257, 5) === "ustar" ? text(header, 345, 155) : "";
    if (type === "0" || type === "") {
      files.push({ path: prefix === "" ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`, content });
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

/**
 * A tar archive (ustar) of these files and the folders they are in, always the same for the same files: sorted, owned
 * by root, from 1970. Paths of up to 100 bytes. POSIX.1-2017, pax, "ustar Interchange Format".
 */
export function writeTar(files: readonly TarFile[]): Buffer {
  const folders = new Set(
    files.flatMap(({ path }) =>
      path
        .split("/")
        .slice(0, -1)
        .map((_, depth, parts) => `${parts.slice(0, depth + 1).join("/")}/`),
    ),
  );
  const entries = [...[...folders].map((path) => ({ path, content: undefined })), ...files].toSorted((a, b) =>
    a.path < b.path ? -1 : 1,
  );
  const blocks = entries.flatMap(({ path, content }) => [
    header(path, content),
    content ?? Buffer.alloc(0),
    Buffer.alloc(-(content?.length ?? 0) & (BLOCK - 1)),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(path: string, content: Buffer | undefined): Buffer {
  if (Buffer.byteLength(path) > 100) {
    throw new RangeError("a path is too long for this tar writer");
  }
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
  block.write(path, 0);
  block.write(octal(content === undefined ? 0o755 : 0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(content?.length ?? 0, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(content === undefined ? "5" : "0", 156);
  block.write("ustar\u000000", 257);
  block.write("root", 265);
  block.write("root", 297);
  // The sum is taken with its own field blank.
  block.fill(" ", 148, 156);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return block;
}

/** A field ends at its first NUL, if it has one. */
function text(block: Buffer, start: number, length: number): string {
  const field = block.toString("utf8", start, start + length);
  const end = field.indexOf("\0");
  return (end < 0 ? field : field.slice(0, end)).trimEnd();
}
