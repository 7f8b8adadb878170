import { PATRONI } from "../../desired/services.ts";
import { dataDirectoryOf } from "../../api/index.ts";
import type { planMembers } from "../../plan/members.ts";
import { leftHosts } from "../left-hosts.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterLooks } from "./observe.ts";

/** A cluster as its life is judged. */
export function membersWish(desired: DesiredCluster): Parameters<typeof planMembers>[0] {
  const { cluster, name, recorded } = desired.resolved;
  return {
    resource: name,
    members: cluster.spec.hosts.map(({ name: member, address }) => ({ name: member, address })),
    left: leftHosts(cluster, recorded),
    scope: desired.scope,
    unit: PATRONI.unit,
    dcs: desired.resolved.dcs.words,
    restApiUrl: desired.restApiUrl,
    majorVersion: cluster.spec.postgresql.version,
    dataDirectory: dataDirectoryOf(cluster),
    systemId: recorded.systemId,
    bootstrapIntended: recorded.bootstrapIntent !== undefined,
  };
}

/** Looks at its members, with Patroni's unit. */
export function memberLooks(looks: ClusterLooks): Parameters<typeof planMembers>[1] {
  return new Map(
    [...looks].map(([name, look]) => [
      name,
      look.seen ? { ...look, facts: { ...look.facts, unit: look.facts.units[PATRONI.unit] ?? NO_UNIT } } : look,
    ]),
  );
}

const NO_UNIT = {
  loadState: "not-found",
  activeState: "inactive",
  subState: "dead",
  unitFileState: "",
  mainPid: 0,
  needsDaemonReload: false,
  restarts: 0,
  dropIns: [],
  environment: [],
} as const;
