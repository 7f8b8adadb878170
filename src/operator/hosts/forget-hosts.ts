import { ANNOTATIONS } from "../../api/annotations.ts";
import type { Kind } from "../../api/index.ts";
import { forgetHost } from "../../reconcilers/forget-host.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import { hostsToForget } from "../annotations.ts";
import type { Visit } from "../visit/parts.ts";

/**
 * Forgets the hosts that a person says are gone for good, by annotation. One that something still counts on stays, and
 * the annotation with it: it is done when it may be. True when the record changed, so that what was planned is old.
 */
export async function forgetHosts({ live, parts, world }: Visit, pass: Pass): Promise<boolean> {
  // A baseline has no hosts of its own to forget.
  if (live.current().kind === ("HostBaseline" satisfies Kind)) return false;
  const names = hostsToForget(live.current());
  const waiting: string[] = [];
  let isChanged = false;
  for (const name of names) {
    const [found] = await forgetHost(name, pass, world.store);
    if (found?.kind === "forgotten") {
      isChanged = true;
      parts.announcer.normal(
        live.current(),
        "HostForgotten",
        "Record",
        `${name} is gone for good: nothing is kept of it`,
        name,
      );
      continue;
    }
    if (found?.kind === "in-use") waiting.push(name);
    const why =
      found === undefined
        ? "no host of this name left the list"
        : found.kind === "listed"
          ? "it is on the list"
          : `it ${found.why}; it is forgotten as soon as nothing counts on it`;
    parts.announcer.warning(live.current(), "HostNotForgotten", "Refuse", why, name);
  }
  if (waiting.length < names.length)
    await live.patchMetadata({
      annotations: { [ANNOTATIONS.forgetHost]: waiting.length === 0 ? null : waiting.join(",") },
    });
  return isChanged;
}
