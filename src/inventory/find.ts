import { access } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Where an inventory is looked for in each folder, the first that exists wins. */
const PLACES = ["servers.tsv", join("inventory", "servers.tsv")];

/** The nearest inventory: in `from` or a folder around it. Undefined when there is none. */
export async function findInventory(from: string): Promise<string | undefined> {
  const folder = resolve(from);
  for (const place of PLACES) {
    const path = join(folder, place);
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    ) {
      return path;
    }
  }
  const above = dirname(folder);
  return above === folder ? undefined : await findInventory(above);
}
