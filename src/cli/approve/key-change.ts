import { isService } from "../../api/index.ts";
import { loadManifests } from "../../api/load.ts";
import { resourcesOf } from "../../reconcilers/stack.ts";
import { targetsOf } from "../../reconcilers/targets.ts";
import type { LoadedStack } from "../load-stack.ts";
import { pinnedKeys } from "./findings.ts";
import type { Naming } from "./findings.ts";
import { linesWithKey, replaceKey } from "./manifest-edits.ts";
import type { KeyLine } from "./manifest-edits.ts";

/** What is to be changed in the manifests so that they mean the new machine. */
export interface KeyChange {
  /** The new key; undefined when the manifests say nothing that would have to change. */
  readonly to: string | undefined;
  /** Keys that go. */
  readonly from: readonly string[];
  /** Where they stand, in words: a file and line, or a resource's field where no file can be named. */
  readonly lines: readonly string[];
  /** Why the files are not to be edited, in words. */
  readonly byHand?: string;
}

/** Finds the lines. A key that another host has too is left alone: which line is whose, only a person knows. */
export async function plannedEdits(
  namings: readonly Naming[],
  shown: string | undefined,
  { stack }: LoadedStack,
  paths: readonly string[],
): Promise<KeyChange> {
  if (shown === undefined) return { to: undefined, from: [], lines: [] };
  const stale = namings.filter((naming) => pinnedKeys(naming).length > 0 && !pinnedKeys(naming).includes(shown));
  const from = [...new Set(stale.map((naming) => successorOf(pinnedKeys(naming), shown)))];
  const lines = (await Promise.all(from.map(async (key) => linesWithKey(paths, key)))).flat();
  const unnamed =
    lines.length === 0 ? stale.map(({ target }) => `hostKey of ${target.name} in ${target.resource}`) : [];
  const addresses = new Set(namings.map(({ target }) => target.address));
  const others = resourcesOf(stack)
    .filter(isService)
    .flatMap((resource) => targetsOf(resource))
    .filter(({ address, hostKey }) => !addresses.has(address) && hostKey !== undefined && from.includes(hostKey));
  return {
    to: shown,
    from,
    lines: [...lines.map(inWords), ...unnamed],
    ...(others.length === 0 ? {} : { byHand: `${others.map(({ name }) => name).join(", ")} has the same old key` }),
  };
}

/** Edits the files; gives what is still to be changed by hand, as read from the files again. */
export async function changeManifests(change: KeyChange, paths: readonly string[]): Promise<readonly string[]> {
  const { to, from, lines, byHand } = change;
  if (to === undefined || from.length === 0) return [];
  if (byHand !== undefined || paths.includes("/dev/stdin")) return lines;
  for (const key of from) await replaceKey(paths, key, to);
  const { resources } = await loadManifests(paths);
  return resources.filter(isService).flatMap((resource) =>
    targetsOf(resource)
      .filter((target) => pinnedKeys({ resource, target, facts: { hosts: {} } }).some((key) => from.includes(key)))
      .map((target) => `hostKey of ${target.name} in ${target.resource}`),
  );
}

/** The old key of the same type, where there are several. */
function successorOf(pinned: readonly string[], shown: string): string {
  const type = shown.split(" ")[0] ?? "";
  return pinned.find((key) => key.startsWith(`${type} `)) ?? pinned[0] ?? "";
}

function inWords({ path, line }: KeyLine): string {
  return `${path}:${line}`;
}
