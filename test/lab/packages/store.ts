import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A file that can be served: where it lies, how long it is, and when the mirror last changed it. */
export interface StoredFile {
  readonly path: string;
  readonly size: number;
  readonly modified: Date;
}

/** Fetches a URL from the mirror; the global `fetch` in life, a literal in tests. */
export type Fetch = (url: URL, init: { readonly headers: Readonly<Record<string, string>> }) => Promise<Response>;

/** What the mirror said when it did not hand out a file. */
export class MirrorRefusedError extends Error {
  override readonly name = "MirrorRefusedError";
  readonly status: number;

  constructor(status: number, url: URL) {
    super(`${url.href}: the mirror answered ${status}`);
    this.status = status;
  }
}

/** An index may have changed at the mirror; asking again is due after this many milliseconds. */
const indexFreshness = 60 * 60 * 1000;

/**
 * Keeps what the mirror handed out, as files under one directory. Packages and by-hash indexes never change under
 * their name and are kept for ever; other indexes are asked for again after an hour, and an old one is better than
 * none when the mirror cannot be reached. Several processes may share the directory: files appear by rename.
 */
export function createStore(directory: string, fetch: Fetch, now: () => number): (url: URL) => Promise<StoredFile> {
  const underway = new Map<string, Promise<StoredFile>>();

  return async (url) => {
    const path = join(directory, url.host, url.pathname);
    const stored = await lookUp(path);
    if (stored !== undefined && (isImmutable(url) || now() - stored.checked < indexFreshness)) return stored.file;
    // Five hosts ask for the same package in the same second: one download serves them all.
    const running = underway.get(path);
    if (running !== undefined) return running;
    const refresh = download(url, path, fetch)
      .catch((error: unknown) => {
        if (stored !== undefined && !(error instanceof MirrorRefusedError)) return stored.file;
        throw error;
      })
      .finally(() => underway.delete(path));
    underway.set(path, refresh);
    return refresh;
  };
}

function isImmutable(url: URL): boolean {
  return url.pathname.includes("/pool/") || url.pathname.includes("/by-hash/");
}

/** A file's mtime is the mirror's; setting it moves the ctime, which so tells when the mirror was last asked. */
async function lookUp(path: string): Promise<{ readonly file: StoredFile; readonly checked: number } | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return undefined;
    return { file: { path, size: found.size, modified: found.mtime }, checked: found.ctimeMs };
  } catch {
    return undefined;
  }
}

async function download(url: URL, path: string, fetch: Fetch): Promise<StoredFile> {
  const response = await fetch(url, { headers: { "accept-encoding": "identity" } });
  if (!response.ok || response.body === null) throw new MirrorRefusedError(response.status, url);
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}.part`;
  try {
    await pipeline(Readable.from(response.body), createWriteStream(draft));
    await utimes(draft, new Date(), await modificationTime(response, draft, path));
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  const stored = await lookUp(path);
  if (stored === undefined) throw new Error(`${path} vanished while it was stored`);
  return stored.file;
}

/** Not every mirror says when a file changed; an equal file is then as old as the one that it replaces. */
async function modificationTime(response: Response, draft: string, path: string): Promise<Date> {
  const stated = new Date(response.headers.get("last-modified") ?? Number.NaN);
  if (!Number.isNaN(stated.getTime())) return stated;
  const before = await lookUp(path);
  const unchanged = before !== undefined && (await readFile(path)).equals(await readFile(draft));
  return unchanged ? before.file.modified : new Date();
}
