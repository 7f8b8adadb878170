import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { InvalidInputError, type Problem } from "../errors.ts";
import type { Resource } from "./kinds.ts";
import { merge, parseDocuments, type Parsed } from "./parse.ts";
import type { SecretDocument } from "./secret-document.ts";
import { validateParsed } from "./validate.ts";

/** What a set of files holds: sound by themselves and together. */
export interface Manifests {
  readonly resources: readonly Resource[];
  readonly secrets: readonly SecretDocument[];
  readonly warnings: readonly Problem[];
}

/**
 * Reads files and folders (their *.yaml and *.yml, sorted, not those of folders inside), and checks all of it.
 *
 * @throws InvalidInputError with everything that is wrong, from spelling to what does not fit together.
 */
export async function loadManifests(paths: readonly string[]): Promise<Manifests> {
  const parts = await Promise.all(paths.map(readPath));
  return checked(merge(parts.flat()), paths.join(", "));
}

/** The same for a text that was already read, e.g. from standard input. */
export function loadManifestText(text: string, fileName: string): Manifests {
  return checked(parseDocuments(text, fileName), fileName);
}

function checked(parsed: Parsed, place: string): Manifests {
  const { problems, warnings } = validateParsed(parsed);
  if (problems.length > 0) throw new InvalidInputError(problems);
  if (parsed.resources.length === 0) {
    throw new InvalidInputError([
      {
        resource: place,
        path: "",
        message: "holds no PostgresHACluster, HAProxyPool, PgBouncerPool or HostBaseline",
        wayOut: "name a file that does; manifests/samples has examples",
      },
    ]);
  }
  return { resources: parsed.resources, secrets: parsed.secrets, warnings };
}

async function readPath(path: string): Promise<readonly Parsed[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [parseDocuments(await readFile(path, "utf8"), path)];
    const names = (await readdir(path)).filter((name) => /\.ya?ml$/.test(name)).toSorted();
    if (names.length === 0)
      return [
        unreadable(path, "is a folder without *.yaml or *.yml files", "name the folder that holds the manifests"),
      ];
    return await Promise.all(
      names.map(async (name) => parseDocuments(await readFile(join(path, name), "utf8"), join(path, name))),
    );
  } catch (error) {
    return [
      unreadable(
        path,
        REASONS[codeOf(error)] ?? `can't be read (${codeOf(error)})`,
        "check the path and who may read it",
      ),
    ];
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EACCES: "may not be read by this user",
  ENOTDIR: "does not exist: a part of the path is a file",
};

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  throw error;
}

function unreadable(path: string, message: string, wayOut: string): Parsed {
  return { resources: [], secrets: [], mended: [], problems: [{ resource: path, path: "", message, wayOut }] };
}
