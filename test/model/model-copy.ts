import type { HostChange } from "../../src/changes/table.ts";
import type { ModelHost } from "./model-host.ts";

/** Which copy of the data a member holds. */
export function copyOf({ copies }: ModelHost): string {
  return `${copies}.1700000000`;
}

/**
 * Patroni removes the data of a member, to copy the leader's in a round of its loop. It is watched before: what came
 * right by itself is left alone, and so is another copy.
 */
export function giveUpCopy(host: ModelHost, change: HostChange): void {
  if (change.kind !== "reinit-member" || change.copy !== copyOf(host) || !(host.broken || host.diverged)) return;
  host.dataDirectory = "empty";
  host.systemId = undefined;
  host.role = undefined;
  host.parametersAtStart = undefined;
  host.broken = false;
  host.diverged = false;
  host.copies += 1;
}
