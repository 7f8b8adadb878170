import { dynamicConfigurationPatch } from "../../plan/dynamic-configuration.ts";
import type { MembersPlan } from "../../plan/members.ts";
import { noticing } from "../../plan/notices.ts";
import type { Blocker, Step } from "../../plan/plan.ts";
import { PATRONI_DIGEST_TAG } from "../../render/patroni-yml.ts";
import type { DesiredCluster } from "./desire.ts";
import { configurationNotices } from "./notices.ts";
import type { ClusterLooks } from "./observe.ts";
import { withheldSettings } from "./missing.ts";
import { restartHazardsOf } from "./settings.ts";

type Document = Readonly<Record<string, unknown>>;

export interface ConfigurationPlan {
  readonly steps: readonly Step[];
  /** Whether what the spec says of PostgreSQL has still to be given to Patroni, so that no member can have it yet. */
  readonly isToBeSet: boolean;
}

/**
 * The dynamic configuration as it should be. A quorum and one REST API are all that it takes, and it may be what mends
 * a member that does not start: so it waits for neither streaming nor a leader. Only what made the first bootstrap
 * faster stays until all members stream.
 */
export function planConfiguration(
  desired: DesiredCluster,
  looks: ClusterLooks,
  life: MembersPlan,
  blockers: readonly Blocker[],
): ConfigurationPlan {
  const wanted: Document = desired.dynamicConfiguration;
  if (life.life === "absent" || life.life === "starting") {
    const patch = dynamicConfigurationPatch(wanted, desired.bootstrapConfiguration);
    const first = desired.members[0]?.name ?? "";
    const steps = patch === undefined ? [] : [settling(desired, first, patch)];
    return { steps, isToBeSet: true };
  }
  const teller = tellerOf(desired, looks, life, blockers);
  if (teller === undefined) return { steps: [], isToBeSet: false };
  const bootstrap = desired.bootstrapConfiguration["loop_wait"];
  const now =
    teller.actual["loop_wait"] === bootstrap
      ? dynamicConfigurationPatch({ ...wanted, loop_wait: bootstrap }, teller.actual)
      : dynamicConfigurationPatch(wanted, teller.actual);
  const later = dynamicConfigurationPatch({ loop_wait: wanted["loop_wait"] }, { ...teller.actual, ...now });
  return {
    steps: [
      ...(now === undefined || isHazardous(desired, looks, now) ? [] : [mending(desired, teller, now)]),
      ...(later === undefined || life.leader === undefined ? [] : [settling(desired, life.leader, later)]),
    ],
    isToBeSet: now !== undefined,
  };
}

function settling(desired: DesiredCluster, host: string, patch: Document): Step {
  return {
    ...patching(desired, host, patch),
    id: `${desired.resolved.name}/loop_wait`,
    because: "the first bootstrap runs with shorter waits",
  };
}

function mending(desired: DesiredCluster, { host, hasLoaded }: Teller, patch: Document): Step {
  return {
    ...patching(desired, host, patch),
    id: `${desired.resolved.name}/dynamic configuration`,
    because: "the dynamic configuration differs from the spec",
    ...(hasLoaded ? { mends: true } : {}),
  };
}

function patching(desired: DesiredCluster, host: string, patch: Document): Omit<Step, "id" | "because"> {
  return {
    resource: desired.resolved.name,
    host,
    stage: "settle",
    ...noticing("reload", configurationNotices(patch)),
    change: { kind: "patch-dynamic-configuration", url: desired.restApiUrl(host), patch },
  };
}

interface Teller {
  readonly host: string;
  readonly actual: Document;
  /** Whether its Patroni goes by the file of this spec, the REST API's password in it among the rest. */
  readonly hasLoaded: boolean;
}

/** Whom to tell: one that nothing is in the way of, with the file of this spec loaded, the leader before others. */
function tellerOf(
  desired: DesiredCluster,
  looks: ClusterLooks,
  life: MembersPlan,
  blockers: readonly Blocker[],
): Teller | undefined {
  const isHeld = (host: string): boolean =>
    blockers.some((blocker) => blocker.host === host && blocker.scope !== "disruptive");
  const able = desired.members.flatMap(({ name, service }): readonly (Teller & { readonly rank: number })[] => {
    const look = looks.get(name);
    if (look?.seen !== true) return [];
    const { patroni, dcs } = look.facts;
    const actual = patroni.dynamicConfig;
    // Who leads holds the leader key, which takes a quorum.
    if (actual === undefined || (life.leader === undefined && dcs.status?.hasQuorum !== true)) return [];
    const hasLoaded = patroni.member?.tags[PATRONI_DIGEST_TAG] === service.loadedMark;
    const rank = (isHeld(name) ? 0 : 4) + (hasLoaded ? 2 : 0) + (name === life.leader ? 1 : 0);
    return [{ host: name, actual, hasLoaded, rank }];
  });
  return able.toSorted((left, right) => right.rank - left.rank)[0];
}

/** Whether it brings what a member would not start with, for the data that it holds or for a file that it has not. */
function isHazardous(desired: DesiredCluster, looks: ClusterLooks, patch: Document): boolean {
  const names = namesIn(patch["postgresql"]);
  const withheld = withheldSettings(desired, looks);
  if (names.some((name) => withheld.has(name))) return true;
  return restartHazardsOf(desired, looks).some(({ setting }) => names.includes(setting));
}

function namesIn(part: unknown): readonly string[] {
  const parameters = typeof part === "object" && part !== null ? (part as Document)["parameters"] : undefined;
  return typeof parameters === "object" && parameters !== null ? Object.keys(parameters) : [];
}
