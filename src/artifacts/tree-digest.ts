import { createHash } from "node:crypto";
import { sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { TarFile } from "./tar.ts";

/** SHA-256 over the names and digests of files; the same that treeDigestCommand prints on a host that has them. */
export function treeDigest(files: readonly TarFile[]): string {
  const lines = files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, content }) => `${sha256(content)}  ${path}\n`);
  return sha256(lines.join(""));
}

/** Prints the tree digest of the folder `folder` inside `path`. What Python compiled there by itself does not count. */
export function treeDigestCommand(path: string, folder: string): Command {
  const files = sh`find ${folder} -type f ! -path '*/__pycache__/*' -print0`;
  return sh`cd ${path} && ${files} | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1`;
}

export function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}
