import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A program that test/kube/tools/build knows how to make. */
export type Tool = "kube-apiserver" | "kube-controller-manager" | "kubectl" | "etcd" | "helm" | "kustomize";

const BUILD = fileURLToPath(new URL("tools/build", import.meta.url));
const LONGEST_BUILD_MS = 30 * 60_000;

/** Paths of the named programs, built first where they are missing (minutes, once a machine). */
export async function toolPaths<const Wanted extends Tool>(
  tools: readonly Wanted[],
): Promise<Readonly<Record<Wanted, string>>> {
  const { stdout } = await promisify(execFile)(BUILD, [...tools], { timeout: LONGEST_BUILD_MS });
  const paths = stdout.trim().split("\n");
  return Object.fromEntries(tools.map((tool, index) => [tool, paths[index] ?? ""])) as Record<Wanted, string>;
}
