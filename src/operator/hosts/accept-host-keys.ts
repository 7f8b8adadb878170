import type { Approval } from "../../api/annotations.ts";
import { sshOf } from "../../api/index.ts";
import type { ServiceResource } from "../../api/index.ts";
import { volumeUuidIn } from "../../reconcilers/identity.ts";
import type { IdentityFacts, IdentityLook } from "../../reconcilers/identity.ts";
import { targetsOf } from "../../reconcilers/targets.ts";
import type { HostTarget } from "../../reconcilers/targets.ts";
import { fingerprintOf } from "../../shell/host-key.ts";
import { scanHostKeys } from "../../shell/host-key-scan.ts";
import { hostKeysFromKnownHosts } from "../../shell/known-hosts.ts";
import { recordOf, withRecord } from "../../state/kube-record.ts";
import type { RecordedHost } from "../../state/store.ts";
import type { LiveResource } from "../../state/live-resource.ts";
import { approvals } from "../annotations.ts";
import type { VisitParts } from "../visit/parts.ts";

type Scan = typeof scanHostKeys;
type Host = ServiceResource["spec"]["hosts"][number];

/** How a host is asked which machine it is, once it shows the approved key. */
export type AskIdentity = (target: HostTarget) => Promise<IdentityLook>;

/**
 * Takes on the machine behind a host key whose fingerprint a person approved by annotation: the key is recorded, and
 * the identities of the machine that shows it in place of those before it. Where it was set up stays: a machine
 * elsewhere is not this one, whoever approves it. A key in the spec is changed in the spec, the annotation then
 * approves the machine; one that was believed on first use is replaced if the host shows the approved one. What is
 * recorded already is not approved again, so the annotation may stay. Whether a key was taken on: whatever was read
 * before knows another.
 */
export async function acceptHostKeys(
  resource: ServiceResource,
  live: LiveResource,
  { announcer }: Pick<VisitParts, "announcer">,
  ask: AskIdentity,
  scan: Scan = scanHostKeys,
): Promise<boolean> {
  let isTaken = false;
  for (const [name, { fingerprint: approved, ...parts }] of approvals(live.current())) {
    const host = resource.spec.hosts.find((candidate) => candidate.name === name);
    if (host === undefined) continue;
    await acceptParts(name, parts, live, announcer);
    const facts = recordOf(live.current().status);
    const recorded = facts.hosts[name];
    if (approved === undefined || fingerprintOf(recorded?.hostKey) === approved) continue;
    const pinned = pinnedKeys(resource, host);
    // The key may stand in the record of another resource that looked first: the machine stands in this one all the
    // same.
    if (pinned.length === 0 && recorded === undefined) continue;
    const keys = pinned.length > 0 ? pinned : await shownKeys(resource, host, scan);
    const key = keys.find((candidate) => fingerprintOf(candidate) === approved);
    if (key === undefined) {
      announcer.warning(
        live.current(),
        "HostKeyNotAccepted",
        "Refuse",
        pinned.length > 0 ? unpinned(name, approved, pinned) : unshown(name, approved, keys),
        name,
      );
      continue;
    }
    const [target] = targetsOf(resource).filter((one) => one.name === name);
    const look = target === undefined ? undefined : await ask({ ...target, hostKey: key });
    if (look?.seen !== true) {
      const why = look === undefined ? "" : `: ${look.message}`;
      const note = `${name} shows the approved key ${approved}, and can't be asked which machine it is${why}`;
      announcer.warning(live.current(), "HostKeyNotAccepted", "Refuse", note, name);
      continue;
    }
    const hosts = { ...facts.hosts, [name]: approvedHost(recorded, key, look.facts) };
    await live.writeStatus(withRecord(live.current().status, { ...facts, hosts }));
    isTaken = true;
    announcer.normal(
      live.current(),
      "HostKeyAccepted",
      "Record",
      `${name} is the machine with the approved key ${approved} from now on`,
      name,
    );
  }
  return isTaken;
}

/** As pgha approve records it. A volume that is not mounted was not seen. */
function approvedHost(recorded: RecordedHost | undefined, hostKey: string, facts: IdentityFacts): RecordedHost {
  const { address, volumeUuid } = recorded ?? {};
  return {
    ...(address === undefined ? {} : { address }),
    hostKey,
    machineId: facts.system.machineId,
    ...(volumeUuid === undefined ? {} : { volumeUuid: volumeUuidIn(facts) ?? volumeUuid }),
  };
}

/** Takes on a new machine-id or volume behind the key that is known. Only what was recorded can be another one now. */
async function acceptParts(
  name: string,
  parts: Pick<Approval, "machineId" | "volumeUuid">,
  live: LiveResource,
  announcer: VisitParts["announcer"],
): Promise<void> {
  const facts = recordOf(live.current().status);
  const recorded = facts.hosts[name] ?? {};
  const changed = Object.fromEntries(
    (["machineId", "volumeUuid"] as const).flatMap((field) =>
      parts[field] === undefined || recorded[field] === undefined || recorded[field] === parts[field]
        ? []
        : [[field, parts[field]]],
    ),
  );
  if (Object.keys(changed).length === 0) return;
  await live.writeStatus(
    withRecord(live.current().status, { ...facts, hosts: { ...facts.hosts, [name]: { ...recorded, ...changed } } }),
  );
  announcer.normal(
    live.current(),
    "MachineAccepted",
    "Record",
    `${name} is the host with ${Object.entries(changed)
      .map(([field, value]) => `${field} ${value}`)
      .join(" and ")} from now on`,
    name,
  );
}

/** The keys that a person wrote down for a host. */
function pinnedKeys({ spec }: ServiceResource, host: Host): readonly string[] {
  return host.hostKey === undefined
    ? hostKeysFromKnownHosts(spec.ssh.knownHosts ?? "", host.address, sshOf(spec, host).port)
    : [host.hostKey];
}

async function shownKeys({ spec }: ServiceResource, host: Host, scan: Scan): Promise<readonly string[]> {
  return scan({
    address: host.address,
    port: sshOf(spec, host).port,
    timeoutMs: spec.ssh.connectTimeoutSeconds * 1000,
  }).catch((): readonly string[] => []);
}

function unpinned(name: string, approved: string, pinned: readonly string[]): string {
  return `the spec has ${inWords(pinned)} for ${name}, not the approved key ${approved}; change it there, too`;
}

function unshown(name: string, approved: string, shown: readonly string[]): string {
  return (
    `${name} does not show the approved key ` +
    `${approved}${shown.length === 0 ? ": it did not answer" : `, but ${inWords(shown)}`}`
  );
}

function inWords(keys: readonly string[]): string {
  return keys.map((key) => fingerprintOf(key) ?? "").join(", ");
}
