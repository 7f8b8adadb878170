import type { ClusterMemberFact } from "../../facts/types.ts";
import type { MemberStatus } from "../../status/status.ts";
import type { ClusterFacts } from "./observe.ts";

/** Streaming is what the leader says of a replica; Patroni's own word comes one loop later. */
export function memberStatus(
  name: string,
  facts: ClusterFacts | undefined,
  leader: ClusterFacts | undefined,
  { leads, isPending }: { readonly leads: boolean; readonly isPending: boolean },
): MemberStatus {
  const told: ClusterMemberFact | undefined = leader?.patroni.cluster?.find((member) => member.name === name);
  const standby = leader?.sql?.replication.find((candidate) => candidate.name === name);
  const own = facts?.patroni.member;
  const lagBytes = standby?.lagBytes ?? told?.lagBytes;
  return {
    name,
    role: leads ? "leader" : facts === undefined ? "unknown" : roleOf(own?.role, told, standby),
    state:
      facts === undefined
        ? "unreachable"
        : standby?.state === "streaming"
          ? "streaming"
          : (own?.state ?? "not running"),
    pendingRestart: isPending,
    ...(own?.timeline === undefined ? {} : { timeline: own.timeline }),
    ...(leads || lagBytes === undefined ? {} : { lagBytes }),
    ...(facts?.sql === undefined ? {} : { version: versionText(facts.sql.serverVersion) }),
  };
}

/** A member calls itself a replica whether commits wait for it or not: that is what the leader says. */
function roleOf(
  own: ClusterMemberFact["role"] = "unknown",
  told: ClusterMemberFact | undefined,
  standby: NonNullable<ClusterFacts["sql"]>["replication"][number] | undefined,
): string {
  const isSync = told?.role === "sync_standby" || standby?.syncState === "sync" || standby?.syncState === "quorum";
  return own === "replica" && isSync ? "sync_standby" : own;
}

/** As Patroni shows a member that the spec does not list; nobody looks at it. */
export function outsiderStatus({
  name,
  role,
  state,
  timeline,
  lagBytes,
  pendingRestart,
}: ClusterMemberFact): MemberStatus {
  return {
    name,
    role: role === "primary" ? "leader" : role,
    state,
    pendingRestart,
    ...(timeline === undefined ? {} : { timeline }),
    ...(lagBytes === undefined ? {} : { lagBytes }),
  };
}

/** server_version_num as people write it: 170004 is 17.4. */
export function versionText(number: number): string {
  return `${Math.floor(number / 10_000)}.${number % 10_000}`;
}
