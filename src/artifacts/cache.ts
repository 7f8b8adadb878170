import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { sha256 } from "./tree-digest.ts";

/** `$XDG_CACHE_HOME/pgha`, else `~/.cache/pgha`. A relative XDG_CACHE_HOME is ignored, as its specification asks. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const base = environment["XDG_CACHE_HOME"];
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), ".cache"), "pgha");
}

/** A cached file, or undefined when it is not there, cannot be read, or is not what it should be. */
export async function readCached(folder: string, name: string, digest: string): Promise<Buffer | undefined> {
  const bytes = await readFile(join(folder, name)).catch(() => undefined);
  return bytes !== undefined && sha256(bytes) === digest ? bytes : undefined;
}

/** Caches a file. That it cannot be cached is no reason to stop: it is only fetched again. */
export async function writeCached(folder: string, name: string, bytes: Buffer): Promise<void> {
  const temporary = join(folder, `.${name}.${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(temporary, bytes);
    await rename(temporary, join(folder, name));
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
