import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/**
 * Path of a program of Debian. Where it is not installed, its package is fetched by apt (which checks it) and unpacked
 * beside the other tools of the tests: installing it would also start its daemon.
 */
export async function debianProgram(debianPackage: string, path: string): Promise<string> {
  if (existsSync(`/${path}`)) return `/${path}`;
  const folder = join(process.env["PGHA_KUBE_CACHE"] ?? "/var/cache/pgha-kube", `debian-${debianPackage}`);
  const program = join(folder, path);
  if (existsSync(program)) return program;
  await mkdir(folder, { recursive: true });
  const script = `set -eu; exec 9>.lock; flock 9; [ -x "$2" ] && exit 0
    apt-get download -q "$1" || { apt-get update -q; apt-get download -q "$1"; }
    dpkg-deb -x "$1"_*.deb .; rm "$1"_*.deb`;
  await promisify(execFile)("sh", ["-c", script, "sh", debianPackage, path], { cwd: folder, timeout: 300_000 });
  return program;
}
