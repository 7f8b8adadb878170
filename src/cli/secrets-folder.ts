import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { Environment } from "./environment.ts";
import type { LoadedStack } from "./load-stack.ts";

/** Where a person finds the passwords, as a path from here; undefined while there are none. */
export function secretsFolderFor({ stateFolder }: LoadedStack, { workingDirectory }: Environment): string | undefined {
  const folder = join(stateFolder, "secrets");
  if (!existsSync(folder)) {
    return undefined;
  }
  const fromHere = relative(workingDirectory, folder);
  return fromHere.startsWith("..") ? folder : fromHere;
}
