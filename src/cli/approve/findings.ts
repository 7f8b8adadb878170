import type { ServiceResource } from "../../api/index.ts";
import { volumeUuidIn } from "../../reconcilers/identity.ts";
import type { HostTarget } from "../../reconcilers/targets.ts";
import { fingerprint, parseHostKey } from "../../shell/host-key.ts";
import { hostKeysFromKnownHosts } from "../../shell/known-hosts.ts";
import type { RecordedFacts, RecordedHost } from "../../state/index.ts";
import { targetSsh } from "../../world/target-ssh.ts";
import type { Machine } from "./machine.ts";

/** A resource that names the host, with what was recorded of it there. */
export interface Naming {
  readonly resource: ServiceResource;
  readonly target: HostTarget;
  readonly facts: RecordedFacts;
}

/** One thing about the machine that is not what it was. */
export interface Difference {
  readonly what: "host key" | "machine-id" | "volume";
  readonly before: string;
  readonly now: string;
}

/** The keys that a person wrote down for the host; these count before a recorded one. */
export function pinnedKeys({ target }: Naming): readonly string[] {
  return target.hostKey === undefined
    ? hostKeysFromKnownHosts(target.ssh.knownHosts ?? "", target.address, targetSsh(target).port)
    : [target.hostKey];
}

/** All keys that were held for the host's until now. */
export function knownKeys(naming: Naming): readonly string[] {
  const pinned = pinnedKeys(naming);
  const recorded = recordedIn(naming).hostKey;
  return pinned.length > 0 || recorded === undefined ? pinned : [recorded];
}

/** What differs from what was written down or recorded, each once, though several resources name the host. */
export function differences(
  namings: readonly Naming[],
  shown: string | undefined,
  machine: Machine,
): readonly Difference[] {
  const uuid = volumeUuidIn(machine);
  const all = namings.flatMap((naming): readonly Difference[] => {
    const { machineId, volumeUuid } = recordedIn(naming);
    const known = knownKeys(naming).map(printOf);
    return [
      ...(shown === undefined || known.includes(printOf(shown))
        ? []
        : known.slice(0, 1).map((before) => ({ what: "host key" as const, before, now: printOf(shown) }))),
      ...(machineId === undefined || machineId === machine.system.machineId
        ? []
        : [{ what: "machine-id" as const, before: machineId, now: machine.system.machineId }]),
      ...(volumeUuid === undefined || volumeUuid === uuid
        ? []
        : [{ what: "volume" as const, before: volumeUuid, now: uuid ?? "not mounted" }]),
    ];
  });
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** What is recorded from now on: what was shown and approved. A volume that is not mounted was not seen. */
export function approvedFacts(naming: Naming, shown: string | undefined, machine: Machine): RecordedFacts {
  const { facts, target } = naming;
  const { address, hostKey, volumeUuid } = recordedIn(naming);
  const believed = pinnedKeys(naming).length > 0 ? undefined : (shown ?? hostKey);
  const host: RecordedHost = {
    // Where it was set up: a machine elsewhere is not this one, whoever approves it.
    ...(address === undefined ? {} : { address }),
    ...(believed === undefined ? {} : { hostKey: believed }),
    machineId: machine.system.machineId,
    ...(volumeUuid === undefined ? {} : { volumeUuid: volumeUuidIn(machine) ?? volumeUuid }),
  };
  return { ...facts, hosts: { ...facts.hosts, [target.name]: host } };
}

export function printOf(key: string): string {
  const parsed = parseHostKey(key);
  return parsed === undefined ? key : fingerprint(parsed.blob);
}

function recordedIn({ facts, target }: Naming): RecordedHost {
  return facts.hosts[target.name] ?? {};
}
