import type { Look } from "../facts/fact.ts";
import type { MountFact, SystemFact } from "../facts/types.ts";
import type { RecordedFacts, RecordedHost } from "../state/index.ts";
import type { ServiceResource } from "../api/index.ts";

/**
 * The recorded identities of a resource's hosts with what this look saw for the first time. What is recorded already
 * stays: a difference is for preflight to refuse, not for a look to overwrite.
 */
export function recordHosts(
  resource: ServiceResource,
  before: RecordedFacts,
  looks: ReadonlyMap<string, Look<{ readonly system: SystemFact; readonly mount: MountFact }>>,
  withVolume: boolean,
): RecordedFacts["hosts"] {
  const addresses = new Map(resource.spec.hosts.map((host) => [host.name, host.address]));
  const seen = [...looks.values()].flatMap((look): readonly (readonly [string, RecordedHost])[] => {
    if (!look.seen) return [];
    const { system, mount } = look.facts;
    const volume = withVolume && mount.mounted && mount.uuid !== "" ? { volumeUuid: mount.uuid } : {};
    const address = addresses.get(look.host);
    return [
      [
        look.host,
        {
          ...(address === undefined ? {} : { address }),
          machineId: system.machineId,
          ...volume,
          ...before.hosts[look.host],
        },
      ],
    ];
  });
  return { ...before.hosts, ...Object.fromEntries(seen) };
}
