import { mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "../temporary/remove-folder.ts";

const NAME = /^pgha-kube-(\d+)-/;

/**
 * A new private folder for one API server. The owner's process id is in its name, so that a later start can clear it.
 */
export function createStateFolder(): string {
  clearAbandoned(tmpdir());
  return mkdtempSync(join(tmpdir(), `pgha-kube-${process.pid}-`));
}

export function removeStateFolder(folder: string): void {
  removeFolder(folder);
}

/** Folder of the one server kept up by hand; only `kube down` removes it. */
export function handFolder(): string {
  const folder = join(tmpdir(), "pgha-kube.by-hand");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** A test process that was killed leaves its folder behind; its servers died with it. */
export function clearAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) removeStateFolder(join(parent, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
