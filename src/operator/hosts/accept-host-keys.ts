import { sshOf } from "../../api/index.ts";
import type { Resource } from "../../api/index.ts";
import { fingerprint, parseHostKey } from "../../shell/host-key.ts";
import { scanHostKeys } from "../../shell/host-key-scan.ts";
import { recordOf, withRecord } from "../../state/kube-record.ts";
import type { LiveResource } from "../../state/live-resource.ts";
import { acceptedHostKeys } from "../annotations.ts";
import type { VisitParts } from "../visit/parts.ts";

type Scan = typeof scanHostKeys;

/**
 * Records the new key of a host whose fingerprint a person approved by annotation, if that is the key it shows. Only
 * for keys that were recorded on first use: one in the spec is changed in the spec. The machine behind the new key is
 * a new one, so its other recorded identities go with the old key.
 */
export async function acceptHostKeys(resource: Resource, live: LiveResource, { announcer }: Pick<VisitParts, "announcer">, scan: Scan = scanHostKeys): Promise<void> {
  for (const [name, approved] of acceptedHostKeys(live.current())) {
    const host = resource.spec.hosts.find((candidate) => candidate.name === name);
    const facts = recordOf(live.current().status);
    const recorded = facts.hosts[name]?.hostKey;
    if (host === undefined || host.hostKey !== undefined || recorded === undefined || fingerprintOf(recorded) === approved) continue;
    const at = { address: host.address, port: sshOf(resource.spec, host).port, timeoutMs: resource.spec.ssh.connectTimeoutSeconds * 1000 };
    const shown = await scan(at).catch((): readonly string[] => []);
    const key = shown.find((candidate) => fingerprintOf(candidate) === approved);
    if (key === undefined) {
      announcer.warning(live.current(), "HostKeyNotAccepted", "Refuse", `${name} does not show the approved key ${approved}${shown.length === 0 ? ": it did not answer" : `, but ${shown.map(fingerprintOf).join(", ")}`}`);
      continue;
    }
    await live.writeStatus(withRecord(live.current().status, { ...facts, hosts: { ...facts.hosts, [name]: { hostKey: key } } }));
    announcer.normal(live.current(), "HostKeyAccepted", "Record", `${name} is known by the approved key ${approved} from now on`);
  }
}

function fingerprintOf(line: string): string | undefined {
  const key = parseHostKey(line);
  return key === undefined ? undefined : fingerprint(key.blob);
}
