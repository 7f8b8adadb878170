import { GROUP } from "../api/index.ts";

/** How a person tells pgha that hosts are gone for good, here and in Kubernetes. */
export function forgetWords(resource: string, hosts: readonly string[]): string {
  const [kind = "", name = ""] = resource.split("/");
  return (
    `Then say that it is gone for good: pgha forget ${hosts.join(" ")} (in Kubernetes: kubectl annotate ` +
    `--overwrite ${kind.toLowerCase()} ${name} ${GROUP}/forget-host=${hosts.join(",")})`
  );
}
