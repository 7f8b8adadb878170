import type { PostgresHACluster, ServiceResource } from "../kinds.ts";
import { shown } from "../shown.ts";
import { problem, type Finding } from "./finding.ts";

/** Mount points that no volume of ours belongs on. */
export function* volumeRules(resources: readonly ServiceResource[]): Iterable<Finding> {
  for (const resource of resources) {
    if (resource.kind === "PostgresHACluster") yield* mountRules(resource);
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

/** What is to be mounted: options that leave PostgreSQL a filesystem to write to, and each filesystem on one host. */
function* mountRules(cluster: PostgresHACluster): Iterable<Finding> {
  const { dataVolume } = cluster.spec.postgresql;
  const path = "spec.postgresql.dataVolume";
  const { mount } = dataVolume;
  if (mount === undefined) return;
  if (dataVolume.filesystem === "zfs")
    yield problem(cluster, `${path}.mount`, "zfs mounts its datasets by itself", "leave mount out");
  for (const [index, option] of (mount.options ?? []).entries()) {
    const [name = ""] = option.split("=");
    const fault = NO_OPTIONS.get(name) ?? (name.startsWith("x-") ? "means something in /etc/fstab alone" : undefined);
    if (fault !== undefined)
      yield problem(cluster, `${path}.mount.options[${index}]`, `${shown(option)} ${fault}`, "take it out");
  }
  const first = new Map<string, number>();
  for (const [index, { volume }] of cluster.spec.hosts.entries()) {
    if (volume?.uuid === undefined) continue;
    const other = first.get(volume.uuid);
    first.set(volume.uuid, index);
    if (other !== undefined)
      yield problem(
        cluster,
        `spec.hosts[${index}].volume.uuid`,
        `is that of spec.hosts[${other}] as well, and a filesystem is on one host`,
        "write the one that lsblk -f shows on that host",
      );
  }
}

const NO_OPTIONS: ReadonlyMap<string, string> = new Map([
  ...["ro", "noauto", "remount"].map((name) => [name, "leaves PostgreSQL nothing to work with"] as const),
  ...["bind", "rbind", "move", "loop"].map(
    (name) => [name, "mounts something else than the filesystem that is named"] as const,
  ),
  ...["user", "users", "owner", "group"].map((name) => [name, "lets others than root unmount the data"] as const),
]);

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
