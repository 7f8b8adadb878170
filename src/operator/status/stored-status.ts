import type { HostStatus, Kind } from "../../api/index.ts";
import { fingerprint, parseHostKey } from "../../shell/host-key.ts";
import { recordOf, storedNames, withIdentity } from "../../state/kube-record.ts";
import type { StoredStatus } from "../../state/live-resource.ts";
import type { RecordedFacts, RecordedHost } from "../../state/store.ts";
import type { MemberStatus, ResourceStatus } from "../../status/status.ts";
import { storedConditions } from "./transition-times.ts";

/**
 * The one place where what the engine reports becomes what Kubernetes keeps. Recorded facts and times of transition
 * come from the status before; nothing in it changes by itself while nothing happens.
 */
export function storedStatus(
  kind: Kind,
  report: ResourceStatus,
  previous: StoredStatus | undefined,
  nowMs: number,
): StoredStatus {
  const { observedGeneration, phase, message, endpoints, plan, waiting } = report;
  const recorded = recordOf(previous);
  const shared: StoredStatus = {
    observedGeneration,
    phase,
    message,
    conditions: storedConditions(report.conditions, previous?.conditions, nowMs),
    endpoints: [...endpoints],
    plan: [...plan],
    ...(waiting === undefined ? {} : { waiting }),
    hosts: [...report.hosts.map((host) => hostStatus(host, recorded.hosts[host.name])), ...leftHosts(report, recorded)],
  };
  if (kind !== "PostgresHACluster") {
    const serving = report.hosts.filter(({ state }) => AS_IT_SHOULD.has(state)).length;
    return { ...shared, readyHosts: `${serving}/${report.hosts.length}` };
  }
  const { systemId, bootstrapIntent, declared, names, operation, restartedAt, switchover, switchedTo } = recorded;
  return {
    ...shared,
    ...(report.cluster === undefined ? {} : clusterFields(report.cluster)),
    ...(systemId === undefined ? {} : { systemId }),
    ...(bootstrapIntent === undefined ? {} : { bootstrapIntent }),
    ...(declared === undefined ? {} : { declared }),
    ...(names === undefined ? {} : { names: storedNames(names) }),
    ...(operation === undefined ? {} : { operation }),
    ...(restartedAt === undefined ? {} : { restartedAt }),
    ...(switchover === undefined ? {} : { switchover }),
    ...(switchedTo === undefined ? {} : { switchedTo }),
  };
}

/** What is recorded of a host outlives its place on the list: a person says when it is gone. */
function leftHosts(report: ResourceStatus, { hosts }: RecordedFacts): readonly HostStatus[] {
  return Object.entries(hosts)
    .filter(([name, { machineId }]) => machineId !== undefined && report.hosts.every((host) => host.name !== name))
    .map(([name, recorded]) => withIdentity({ name, state: "Undeclared" }, recorded));
}

function clusterFields({
  scope,
  leader,
  timeline,
  members,
  voting,
  undeclared,
}: NonNullable<ResourceStatus["cluster"]>): StoredStatus {
  const listed = members.filter((member) => !undeclared.includes(member.name));
  const serving = listed.filter((member) => SERVING.has(member.state)).length;
  const lags = members.flatMap((member) => (member.lagBytes === undefined ? [] : [coarse(member.lagBytes)]));
  return {
    scope,
    ...(leader === undefined ? {} : { leader }),
    ...(timeline === undefined ? {} : { timeline }),
    readyMembers: `${serving}/${listed.length}`,
    ...(lags.length === 0 ? {} : { lagBytes: Math.max(...lags) }),
    members: members.map(memberStatus),
    ...(voting === undefined ? {} : { voting }),
    ...(undeclared.length === 0 ? {} : { undeclared: [...undeclared] }),
  };
}

/** Of a host of a pool, and of one of a baseline. */
const AS_IT_SHOULD: ReadonlySet<string> = new Set(["Serving", "InForce"]);

/** As src/facts normalises Patroni's states: the leader runs, its replicas stream. */
const SERVING: ReadonlySet<string> = new Set(["running", "streaming"]);

function memberStatus(member: MemberStatus): NonNullable<StoredStatus["members"]>[number] {
  return { ...member, ...(member.lagBytes === undefined ? {} : { lagBytes: coarse(member.lagBytes) }) };
}

/**
 * Whole MiB: a lag moves all the time, and a status that follows each byte is a heartbeat. The metric has it exactly.
 */
function coarse(lagBytes: number): number {
  return Math.floor(lagBytes / MEBIBYTE) * MEBIBYTE;
}

const MEBIBYTE = 1_048_576;

function hostStatus(host: ResourceStatus["hosts"][number], recorded: RecordedHost | undefined): HostStatus {
  const { name, address, state, versions, upgrades, message } = host;
  const key = recorded?.hostKey === undefined ? undefined : parseHostKey(recorded.hostKey);
  const shown: HostStatus = {
    name,
    address,
    state,
    ...(Object.keys(versions).length === 0 ? {} : { versions }),
    ...(upgrades === undefined ? {} : { upgrades }),
    ...(message === undefined ? {} : { message }),
    ...(key === undefined ? {} : { hostKeyFingerprint: fingerprint(key.blob) }),
  };
  return withIdentity(shown, recorded);
}
