import type { Findings } from "../../plan/findings.ts";
import type { MembersPlan } from "../../plan/members.ts";
import { missingFindings, settingsWithout } from "../../plan/missing.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterLooks } from "./observe.ts";

/** What the spec names that has to be on every member, and some member has not. */
export function planMissing(desired: DesiredCluster, looks: ClusterLooks, { life }: MembersPlan): readonly Findings[] {
  const { cluster, name } = desired.resolved;
  const { parameters } = desired.dynamicConfiguration.postgresql;
  const { encoding, version } = cluster.spec.postgresql;
  return missingFindings(
    {
      resource: name,
      needed: desired.needed,
      parameters,
      encoding,
      version,
      inImage: desired.resolved.ground !== "host",
      isInForce: (what) =>
        what === "locale" ? life !== "absent" && life !== "starting" : isInForce(desired, looks, what),
    },
    looks,
  );
}

/** Settings that must not get to a server, since some member has not what they name. */
export function withheldSettings(desired: DesiredCluster, looks: ClusterLooks): ReadonlySet<string> {
  const { parameters } = desired.dynamicConfiguration.postgresql;
  const { version } = desired.resolved.cluster.spec.postgresql;
  return settingsWithout({ needed: desired.needed, parameters, version }, looks);
}

/** Whether the members were told of a setting, or a database has an extension. */
function isInForce(desired: DesiredCluster, looks: ClusterLooks, what: string): boolean {
  const { parameters } = desired.dynamicConfiguration.postgresql;
  return [...looks.values()].some((look) => {
    if (!look.seen) return false;
    const told = look.facts.patroni.dynamicConfig?.["postgresql"] as
      | { parameters?: Record<string, string | number | boolean> }
      | undefined;
    if (what in parameters) return String(told?.parameters?.[what] ?? "") === String(parameters[what]);
    return look.facts.sql?.databases.some(({ extensions }) => extensions?.[what] !== undefined) === true;
  });
}
