import { readdir, readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A line of a manifest that names the key that is no more. */
export interface KeyLine {
  readonly path: string;
  /** Counted from one. */
  readonly line: number;
}

/**
 * Where the manifests hold a host key. It is looked for as it is written, type and base64 text: that finds it under
 * `hostKey` as in `ssh.knownHosts`, behind an anchor and in every resource, and leaves comments and order alone.
 */
export async function linesWithKey(paths: readonly string[], key: string): Promise<readonly KeyLine[]> {
  const found = await Promise.all(
    (await yamlFiles(paths)).map(async (path) => {
      const text = await readFile(path, "utf8");
      return [...text.matchAll(patternOf(key))].map(({ index }) => ({
        path,
        line: text.slice(0, index).split("\n").length,
      }));
    }),
  );
  return found.flat();
}

/** Puts the new key in place of the old one, each file whole or not at all. */
export async function replaceKey(paths: readonly string[], from: string, to: string): Promise<void> {
  for (const file of await yamlFiles(paths)) {
    // A link stays one: what it leads to is written.
    const path = await realpath(file);
    const text = await readFile(path, "utf8");
    const edited = text.replaceAll(patternOf(from), to);
    if (edited === text) continue;
    const { mode } = await stat(path);
    const beside = `${path}.pgha-${process.pid}`;
    await writeFile(beside, edited, { mode: mode & 0o777, flag: "wx" });
    await rename(beside, path);
  }
}

function patternOf(key: string): RegExp {
  const [type = "", base64 = ""] = key.split(" ").map((part) => part.replaceAll(/[+/.=-]/g, String.raw`\$&`));
  return new RegExp(`${type}\\s+${base64}`, "g");
}

/** The files that are read as manifests; standard input is none that could be edited. */
async function yamlFiles(paths: readonly string[]): Promise<readonly string[]> {
  const files = await Promise.all(
    paths
      .filter((path) => path !== "/dev/stdin")
      .map(async (path) =>
        (await stat(path)).isDirectory()
          ? (await readdir(path)).filter((name) => /\.ya?ml$/.test(name)).map((name) => join(path, name))
          : [path],
      ),
  );
  return files.flat();
}
