import { secretNames } from "../../api/index.ts";
import type { Plan } from "../../plan/plan.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterLooks } from "./observe.ts";

/**
 * Members whose Patroni was started with something else than it would be now, in what it takes at its start only. A
 * reload would seem to have done it. Then each restart would take a member out: with another password the others
 * do not know it, at another address it is a new and empty node. Restarting one at a time loses the majority half-way.
 */
export function startSettings(desired: DesiredCluster, looks: ClusterLooks): Plan["blockers"] {
  const { cluster, dcs, name, secrets } = desired.resolved;
  const { title } = dcs.words;
  // It is not known then what would be asked for.
  if (secrets.unusable.some(({ purpose }) => purpose === "dcs")) return [];
  const differing = desired.members.filter((member) => {
    const look = looks.get(member.name);
    const started = look?.seen === true ? look.facts.dcs.startDigest : undefined;
    return started !== undefined && started !== member.startDigest;
  });
  if (differing.length === 0) return [];
  return [
    {
      resource: name,
      scope: "everything",
      reason: "StartSettingsChanged",
      why:
        `Patroni on ${differing.map((member) => member.name).join(", ")} was started with another ` +
        `${title} password, ${title} port, scope, name or data directory than is asked for now; ` +
        "it takes these at its start only",
      wayOut:
        `Put back what was changed, in the spec or in the Secret ${secretNames(cluster).dcs}. Only the ` +
        `${title} password can be changed, with Patroni stopped on every member: ` +
        "docs/operations.md, StartSettingsChanged.",
    },
  ];
}
