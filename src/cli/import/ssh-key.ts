import { readFile } from "node:fs/promises";
import { PghaError } from "../../errors.ts";
import { addSshKeySecret, openFolderStore } from "../../state/index.ts";
import { printable } from "../../text/printable.ts";

/** Text of a private key file. What is wrong with the key itself is said when it is kept. */
export async function readSshKey(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new PghaError(`the key ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      reason: "KeyUnreadable",
      retry: "never",
      wayOut: "name the file that holds the private key",
      cause: error,
    });
  }
}

/** Keeps the key in the state folder; returns what to tell the person. */
export async function keepSshKey(stateFolder: string, name: string, text: string, shownPath: string): Promise<string> {
  await addSshKeySecret(await openFolderStore(stateFolder), name, text, shownPath);
  return `the key ${printable(shownPath)} is kept as Secret ${name} in ${printable(stateFolder)}\n`;
}
