import { PATRONI } from "../../desired/services.ts";
import { patroniTimingOf } from "../../api/index.ts";
import type { Look } from "../../facts/fact.ts";
import { planDatabases } from "../../plan/databases.ts";
import { mergeFindings } from "../../plan/findings.ts";
import { haltedBlockers, scheduledWarnings } from "../../plan/halted.ts";
import { planHost, yieldedFiles } from "../../plan/host.ts";
import { factsOf } from "../../plan/member-facts.ts";
import { planMembers } from "../../plan/members.ts";
import type { MembersPlan } from "../../plan/members.ts";
import { nameResolution } from "../../plan/name-resolution.ts";
import type { Plan } from "../../plan/plan.ts";
import { preflight } from "../../plan/preflight.ts";
import { serviceFindings } from "../../plan/services.ts";
import { versionFindings } from "../../plan/upgrades.ts";
import { unevenHosts } from "../../plan/uneven-hosts.ts";
import { formerPoolBlockers } from "../former-pools.ts";
import { hostFacts } from "../host-questions.ts";
import type { OthersWord } from "../reconciler.ts";
import { planConfiguration } from "./configuration.ts";
import { givingData } from "./data-owner.ts";
import { deadVotes } from "./dead-votes.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterFacts, ClusterLooks } from "./observe.ts";
import { imageSkew, planGrounds, typedInside, withoutUnknown } from "./ground.ts";
import { planHba } from "./hba-drift.ts";
import { lostSecrets } from "./lost-secrets.ts";
import { memberLooks, membersWish } from "./members.ts";
import { planMissing } from "./missing.ts";
import { planMoves } from "./moves.ts";
import { otherData } from "./other-data.ts";
import { noLongerDeclared, renamedDatabases } from "./no-longer-declared.ts";
import { withoutUnloaded } from "./preloading.ts";
import { reloadSteps } from "./reload.ts";
import { restartSeen } from "./restart-seen.ts";
import { planRestarts } from "./restarts.ts";
import { planReinit } from "./reinit.ts";
import { returnSteps } from "./returning.ts";
import { roleSecrets, withoutHalves } from "./role-secrets.ts";
import { planSettings } from "./settings.ts";
import { namesInLines } from "./asked-names.ts";
import { startSettings } from "./start-settings.ts";
import { candidateNames, switchoverSeen } from "./switchover-seen.ts";
import { planSwitchover } from "./switchovers.ts";
import { vectorBlockers, vectorWaits } from "./vector.ts";
import { beforeVolumes, planVolumes } from "./volumes.ts";

/** What would be done about a cluster, host by host, and what stands in the way. Pure. */
export function planCluster(
  desired: DesiredCluster,
  looks: ClusterLooks,
  { writesGoTo, ways = [] }: OthersWord = {},
): Plan {
  const wish = membersWish(desired);
  const seen = factsOf(memberLooks(looks));
  const life = planMembers(wish, memberLooks(looks), writesGoTo);
  const first = mergeFindings(
    desired.members.map((member) => preflight(preflightWish(desired, member, life), lookOf(looks, member.name))),
  );
  const moves = planMoves(desired, looks);
  const checks = mergeFindings([
    first,
    ...nameResolution(
      {
        resource: desired.resolved.name,
        scope: life.life === "led" ? "host" : "everything",
        members: desired.members.map(({ address }) => address),
        hosts: [...desired.members.map(({ address }) => address), ...desired.resolved.listedProxies],
        inHba: desired.names,
        inLines: namesInLines(desired.resolved.cluster),
      },
      looks,
    ),
    unevenHosts(
      desired.resolved.name,
      looks,
      (host) => desired.resolved.cluster.spec.hosts.find(({ name }) => name === host)?.failoverPriority ?? 1,
    ),
    planGrounds(desired, looks, life.life === "led" ? "host" : "everything"),
    moves,
    ...planMissing(desired, looks, life),
    ...desired.members.flatMap(({ name, host }) => {
      const look = looks.get(name);
      if (look?.seen !== true) return [];
      return [
        serviceFindings(desired.resolved.name, host, look.facts.units),
        versionFindings(desired.resolved.name, host, look.facts),
      ];
    }),
  ]);
  const lost = lostSecrets(desired, looks);
  const { secretBlockers, warnings } = desired.resolved;
  const roles = roleSecrets(desired, looks, life);
  const leading = looks.get(life.leader ?? "");
  const led = { leader: life.leader, found: leading?.seen === true ? leading.facts.sql : undefined };
  const inTheWay = [
    ...formerPoolBlockers(desired.resolved.name, desired.resolved.formerPools, looks),
    ...secretBlockers,
    ...(lost.length > 0 ? lost : [...startSettings(desired, looks), ...roles.blockers]),
    ...otherData(desired, looks, life),
    ...renamedDatabases(desired, led),
    ...checks.blockers,
    ...haltedBlockers(wish, seen, { configFile: PATRONI.config, port: desired.resolved.cluster.spec.postgresql.port }),
    ...life.blockers,
    ...vectorBlockers(desired, looks),
  ];
  const configuration = planConfiguration(desired, looks, life, inTheWay);
  const seenNow = restartSeen(desired, looks, life);
  const settings = planSettings(desired, looks, { ...configuration, unheard: seenNow.unheard });
  const switching = switchoverSeen(desired, looks, life, { restart: seenNow, ways });
  const switchover = planSwitchover(desired, switching);
  // One at a time; what is left of a restart goes on after it.
  const restarts =
    switchover.steps.length > 0
      ? NOTHING
      : planRestarts(desired, looks, life, {
          seen: { ...seenNow, candidates: candidateNames(switching) },
          isToBeSet: configuration.isToBeSet,
          before: configuration.steps.map(({ id }) => id),
          ways,
        });
  const home = switchover.steps.length > 0 ? [] : returnSteps(desired, switching, restarts);
  const databases = planOfDatabases(desired, looks, life, roles.gone);
  const hba = planHba(desired, looks);
  const planned = [
    ...(lost.length > 0 ? [] : withoutHalves(roles.steps, inTheWay, life.leader)),
    ...life.steps.filter((step) => step.stage === "record"),
    ...desired.members.flatMap((member) => {
      const look = looks.get(member.name);
      return look?.seen === true
        ? givingData(
            desired,
            member,
            look.facts,
            planHost(desired.resolved.name, member.host, hostFacts(member.host, look.facts, look.facts.artifact)),
          )
        : [];
    }),
    ...life.steps.filter((step) => step.stage !== "record"),
    ...reloadSteps(desired, looks, life),
    ...deadVotes(desired, looks, seenNow, ways),
    ...hba.steps,
    ...databases.steps,
    ...configuration.steps,
    ...switchover.steps,
    ...restarts.steps,
    ...home,
  ];
  const reinit = planReinit(desired, looks, life, { ...configuration, steps: planned, seen: seenNow, ways });
  const steps = withoutUnknown(desired, seenNow, [...planned, ...reinit.steps]);
  const plan = {
    steps,
    waits: [
      ...life.waits,
      ...settings.waits,
      ...switchover.waits,
      ...restarts.waits,
      ...moves.waits,
      ...(steps.length > 0 || life.waits.length > 0 ? [] : vectorWaits(desired, looks)),
    ],
    blockers: [
      ...inTheWay,
      ...databases.blockers,
      ...settings.blockers,
      ...hba.blockers,
      ...switchover.blockers,
      ...restarts.blockers,
      ...reinit.blockers,
    ],
    warnings: [
      ...warnings,
      ...roles.warnings,
      ...checks.warnings,
      ...settings.warnings,
      ...scheduledWarnings(wish, seen, { configFile: PATRONI.config, scope: desired.scope }),
      ...noLongerDeclared(desired, led),
      ...imageSkew(desired, looks),
      ...desired.members.flatMap(({ name, host }) => {
        const look = looks.get(name);
        return look?.seen === true ? yieldedFiles(desired.resolved.name, host, hostFacts(host, look.facts)) : [];
      }),
    ],
  };
  const isLed = life.life === "led";
  const volumes = planVolumes(desired, looks, isLed ? "host" : "everything");
  return beforeVolumes(typedInside(desired, plan), volumes, { isLed, checks: [...first.blockers, ...secretBlockers] });
}

const NOTHING = { steps: [], waits: [], blockers: [] } as const;

function preflightWish(
  desired: DesiredCluster,
  member: DesiredCluster["members"][number],
  life: MembersPlan,
): Parameters<typeof preflight>[0] {
  const { cluster, dcs, name, recorded } = desired.resolved;
  const { postgresql, patroni } = cluster.spec;
  const host = recorded.hosts[member.name];
  return {
    resource: name,
    namespace: cluster.metadata.namespace,
    host: member.name,
    address: member.address,
    // A cluster that serves is not left alone because one of its hosts is away; one that does not exist yet is.
    scope: life.life === "led" ? "host" : "everything",
    volume: postgresql.dataVolume,
    ports: [
      { port: postgresql.port, purpose: "PostgreSQL", unit: PATRONI.unit },
      { port: patroni.restApi.port, purpose: "Patroni's REST API", unit: PATRONI.unit },
      ...dcs.ports.map((port) => ({ ...port, unit: PATRONI.unit })),
    ],
    recorded: host ?? {},
    maximumClockOffsetMs: patroniTimingOf(cluster).ttl * 100,
  };
}

/**
 * Planned in full while there is no cluster yet; from then on from what the leader says, and not at all while there is
 * none.
 */
function planOfDatabases(
  desired: DesiredCluster,
  looks: ClusterLooks,
  life: MembersPlan,
  gone: ReadonlySet<string>,
): Pick<Plan, "steps" | "blockers"> {
  const databases = {
    ...desired.databases,
    roles: desired.databases.roles.map((role) => (gone.has(role.name) ? { ...role, verifierDigest: undefined } : role)),
  };
  if (life.leader === undefined) {
    const first = desired.members[0]?.name ?? "";
    const isNew = life.life === "absent" || life.life === "starting";
    return { steps: isNew ? planDatabases({ ...databases, host: first }) : [], blockers: [] };
  }
  const look = looks.get(life.leader);
  const facts = look?.seen === true ? look.facts.sql : undefined;
  return facts === undefined
    ? { steps: [], blockers: [] }
    : withoutUnloaded(desired, life.leader, planDatabases({ ...databases, host: life.leader }, facts), facts);
}

function lookOf(looks: ClusterLooks, host: string): Look<ClusterFacts> {
  return looks.get(host) ?? { seen: false, host, reason: "NotLooked", message: "it was not looked at" };
}
