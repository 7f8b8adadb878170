import type { Resource } from "../kinds.ts";
import { shown } from "../shown.ts";
import { problem, type Finding } from "./finding.ts";

/** Mount points that no volume of ours belongs on. */
export function* volumeRules(resources: readonly Resource[]): Iterable<Finding> {
  for (const resource of resources) {
    const [path, mountPath] =
      resource.kind === "PostgresHACluster"
        ? ["spec.postgresql.dataVolume.mountPath", resource.spec.postgresql.dataVolume.mountPath]
        : ["spec.dataVolume.mountPath", resource.spec.dataVolume?.mountPath];
    if (mountPath === undefined || !belongsToTheSystem(mountPath)) continue;
    yield problem(
      resource,
      path,
      `${shown(mountPath)} belongs to the operating system`,
      "mount the volume somewhere of its own, such as /srv/postgres",
    );
  }
}

function belongsToTheSystem(path: string): boolean {
  const [, top = "", second] = path.split("/");
  return SYSTEM_TREES.has(top) || (second === undefined && SYSTEM_TOPS.has(top));
}

/** Nothing below these may be ours. */
const SYSTEM_TREES: ReadonlySet<string> = new Set([
  "bin",
  "boot",
  "dev",
  "etc",
  "lib",
  "lib32",
  "lib64",
  "proc",
  "run",
  "sbin",
  "sys",
  "usr",
]);
/** Places below these are fine, they themselves are not. */
const SYSTEM_TOPS: ReadonlySet<string> = new Set(["home", "media", "mnt", "opt", "root", "srv", "tmp", "var"]);
