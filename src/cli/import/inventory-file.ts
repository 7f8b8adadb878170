import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { PghaError } from "../../errors.ts";
import { findInventory } from "../../inventory/index.ts";

/** An inventory, with its path as a person would write it. */
export interface InventoryFile {
  readonly file: string;
  readonly text: string;
}

/** Reads the inventory that was named, or the nearest one. */
export async function readInventoryFile(named: string | undefined, workingDirectory: string): Promise<InventoryFile> {
  if (named === "-") {
    return { file: "standard input", text: await readFile("/dev/stdin", "utf8") };
  }
  const path = named === undefined ? await findInventory(workingDirectory) : resolve(workingDirectory, named);
  if (path === undefined) {
    throw new PghaError(`there is no servers.tsv or inventory/servers.tsv in ${workingDirectory} or above it`, {
      reason: "NoInventory",
      retry: "never",
      wayOut: "name the inventory: pgha import FILE",
    });
  }
  try {
    return { file: named ?? shorter(path, workingDirectory), text: await readFile(path, "utf8") };
  } catch (error) {
    throw new PghaError(`${named ?? path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      reason: "InventoryUnreadable",
      retry: "never",
      wayOut: "check the path and who may read it",
      cause: error,
    });
  }
}

function shorter(path: string, workingDirectory: string): string {
  const fromHere = relative(workingDirectory, path);
  return fromHere.length < path.length ? fromHere : path;
}
