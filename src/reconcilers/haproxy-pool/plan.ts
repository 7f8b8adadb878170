import { HAPROXY } from "../../desired/services.ts";
import type { Look } from "../../facts/fact.ts";
import type { HAProxyFact } from "../../facts/types.ts";
import { mergeFindings, NO_FINDINGS } from "../../plan/findings.ts";
import { planHost } from "../../plan/host.ts";
import { NOTICES, noticing } from "../../plan/notices.ts";
import type { Way } from "../../plan/operations/switchover.ts";
import type { Budget, Plan, Step, Wait } from "../../plan/plan.ts";
import { nameResolution } from "../../plan/name-resolution.ts";
import { HAPROXY_BACKENDS } from "../../render/haproxy-cfg.ts";
import { isOutdated, unreadAfter, whyOutdated, whyUnread } from "../../plan/services.ts";
import { poolUpgradeStep } from "../../plan/upgrades.ts";
import type { Unread } from "../../plan/services.ts";
import { foreseenRestart, groundFindings, groundOf } from "../container.ts";
import type { WithImage } from "../container.ts";
import { hostFacts } from "../host-questions.ts";
import { poolPreflight } from "../pool-preflight.ts";
import { nameOf } from "../stack.ts";
import type { ClusterWord } from "../cluster-word.ts";
import { heldServers, returnStep } from "./held.ts";
import type { HeldWish } from "./held.ts";
import type { DesiredHAProxy, DesiredProxy } from "./desire.ts";
import { proxyNotices } from "./notices.ts";
import type { HAProxyFacts, HAProxyLooks } from "./observe.ts";

const UP_SECONDS = 300;

/** What would be done about an HAProxyPool. Pure. */
export function planHAProxyPool(desired: DesiredHAProxy, looks: HAProxyLooks, word?: ClusterWord): Plan {
  const { name, pool, recorded } = desired.resolved;
  const serving = desired.hosts.some((host) => writeServersUp(haproxyOf(looks, host.name)).length === 1);
  const { ports, dataVolume } = pool.spec;
  const checks = mergeFindings([
    ...nameResolution({ resource: name, scope: serving ? "host" : "everything" }, looks),
    ...desired.hosts.map((host) =>
      poolPreflight(
        {
          resource: name,
          namespace: pool.metadata.namespace,
          host: host.spec,
          dataVolume,
          recorded,
          serving,
          wanted: (facts) => (groundedOn(desired, host, facts) ?? host).host,
          ports: [
            { port: ports.write, purpose: "HAProxy, write" },
            { port: ports.read, purpose: "HAProxy, read" },
            { port: ports.stats, purpose: "HAProxy, stats" },
          ].map((port) => ({ ...port, unit: HAPROXY.unit })),
        },
        looks.get(host.name) ?? { seen: false, host: host.name, reason: "NotLooked", message: "it was not looked at" },
      ),
    ),
    ...desired.hosts.map((host) => {
      const look = looks.get(host.name);
      const about = { resource: name, host: host.name, scope: serving ? "host" : "everything" } as const;
      return look?.seen === true ? groundFindings(desired.resolved.ground, about, look.facts) : NO_FINDINGS;
    }),
  ]);
  const perHost = desired.hosts.map((host) => planProxy(desired, host, looks, word));
  return {
    steps: perHost.flatMap((plan) => plan.steps),
    waits: perHost.flatMap((plan) => plan.waits),
    blockers: [
      ...checks.blockers,
      ...desired.hosts.flatMap((host) => heldServers(heldWish(desired, host.name), haproxyOf(looks, host.name))),
    ],
    warnings: checks.warnings,
  };
}

/** What a host should look like, by what is known of the image there; undefined while that is not enough. */
function groundedOn({ resolved }: DesiredHAProxy, host: DesiredProxy, facts: WithImage): DesiredProxy | undefined {
  const ground = groundOf(resolved.ground, facts);
  if (ground === undefined) return undefined;
  return ground === "host" ? host : host.on(ground);
}

function planProxy(
  desired: DesiredHAProxy,
  asHost: DesiredProxy,
  looks: HAProxyLooks,
  word: ClusterWord | undefined,
): { readonly steps: readonly Step[]; readonly waits: readonly Wait[] } {
  const look = looks.get(asHost.name);
  if (look?.seen !== true) return { steps: [], waits: [] };
  const { name, ground } = desired.resolved;
  const { facts } = look;
  const host = groundedOn(desired, asHost, facts);
  const away = desired.hosts.filter((other) => !runs(looks.get(other.name))).map((other) => other.name);
  const group = nameOf(desired.resolved.cluster);
  const step = { resource: name, host: asHost.name, budget: { group, atMost: 1, away }, unit: HAPROXY.unit };
  if (host === undefined) return foreseenRestart(ground, facts, { ...step, notice: NOTICES.proxyRestarts() });
  const found = hostFacts(host.host, facts);
  const prepared = planHost(name, host.host, found);
  const service = serviceStep(name, host, facts, unreadAfter(prepared, host.service, found), { group, away });
  const replaced = desired.hosts.filter((other) => isReplaced(looks.get(other.name))).map((other) => other.name);
  const drained = facts.haproxy?.drained;
  const steps = [
    ...(drained === undefined ? [] : [returnStep(name, host.name, drained)]),
    ...prepared,
    ...(service === undefined ? [] : [service]),
    ...poolUpgradeStep(name, host.host, facts, {
      impact: "reload",
      notices: [],
      budget: { group, atMost: 1, away: [...away, ...replaced] },
    }),
  ];
  const up = writeServersUp(facts.haproxy);
  if (steps.length > 0 || (up.length === 1 && !isBehind(up, word))) return { steps, waits: [] };
  return {
    steps,
    waits: [
      {
        resource: name,
        host: host.name,
        reason: up.length > 1 ? "SeveralWriteServers" : "NoWriteServer",
        clock: { of: `one leader on ${host.name}`, deadlineSeconds: UP_SECONDS },
        for:
          up.length === 1
            ? word?.leader === undefined
              ? `a leader: the cluster knows none, and HAProxy on ${host.name} still shows ${up.join("")} as up`
              : `HAProxy on ${host.name} to see that ${word.leader} leads (it still shows ${up.join("")} as up)`
            : `HAProxy on ${host.name} to see one leader (it sees ${up.length === 0 ? "none" : up.join(" and ")})`,
        holds: "services",
        deadlineSeconds: UP_SECONDS,
        wayOut: "Look at the cluster first; then at the checks on the stats page of that HAProxy.",
      },
    ],
  };
}

/** Whether what runs there is older than what is installed. */
function isReplaced(look: Look<HAProxyFacts> | undefined): boolean {
  return look?.seen === true && look.facts.units[HAPROXY.unit]?.isReplaced === true;
}

function runs(look: Look<HAProxyFacts> | undefined): boolean {
  return look?.seen === true && look.facts.units[HAPROXY.unit]?.activeState === "active";
}

/**
 * Start, restart when it was started from another unit, reload when what runs is not what is wanted, or nothing. A
 * reload keeps every session.
 */
function serviceStep(
  resource: string,
  host: DesiredProxy,
  facts: HAProxyFacts,
  unread: Unread,
  { group, away }: Pick<Budget, "group" | "away">,
): Step | undefined {
  const base = { resource, host: host.name, stage: "services" } as const;
  if (facts.units[HAPROXY.unit]?.activeState !== "active") {
    return {
      ...base,
      id: `${host.name}/${resource}/start ${HAPROXY.unit}`,
      impact: "none",
      change: { kind: "start-unit", unit: HAPROXY.unit },
      because: "it is not running",
      // Takes nothing away, and says to the others of the group what is out of service.
      budget: { group, atMost: 1, away },
    };
  }
  const unit = facts.units[HAPROXY.unit];
  if (unit !== undefined && isOutdated(host.service, unit)) {
    return {
      ...base,
      id: `${host.name}/${resource}/restart ${HAPROXY.unit}`,
      ...noticing("restart", [NOTICES.proxyRestarts(), ...proxyNotices(host, facts)]),
      change: { kind: "restart-unit", unit: HAPROXY.unit },
      because: whyOutdated(host.service, unit),
      // Poolers and proxies are ways to the same cluster: one host of either at a time.
      budget: { group, atMost: 1, away },
    };
  }
  const isReplaced = unit?.isReplaced === true;
  const isLoaded = facts.haproxy?.description === host.service.loadedMark;
  if (isLoaded && !isReplaced && unread.length === 0) return undefined;
  return {
    ...base,
    id: `${host.name}/${resource}/reload ${HAPROXY.unit}`,
    ...noticing("reload", proxyNotices(host, facts)),
    change: {
      kind: "reload-unit",
      unit: HAPROXY.unit,
      reads: HAPROXY.reads,
      proof: { kind: "haproxy", socket: HAPROXY.socket, description: host.service.loadedMark, config: HAPROXY.config },
    },
    because: isReplaced
      ? "its program was upgraded since it was started"
      : isLoaded
        ? whyUnread(unread)
        : "it runs with another configuration than the spec asks for",
    // One first: what it does not serve well with, the others need not take.
    budget: { group: resource, atMost: 1, away: [] },
  };
}

/**
 * Whether the one member that a HAProxy sends writes to is not the one that leads, as who looks at the cluster says:
 * its checks are late, or know better. Not when nobody looked.
 */
export function isBehind([writer]: readonly string[], word: ClusterWord | undefined): boolean {
  return word !== undefined && writer !== word.leader;
}

function heldWish({ resolved: { cluster, name } }: DesiredHAProxy, host: string): HeldWish {
  const { hosts, postgresql } = cluster.spec;
  return {
    resource: name,
    cluster: nameOf(cluster),
    host,
    socket: HAPROXY.socket,
    members: hosts,
    postgresqlPort: postgresql.port,
  };
}

export function haproxyOf(looks: HAProxyLooks, host: string): HAProxyFact | undefined {
  const look = looks.get(host);
  return look?.seen === true ? look.facts.haproxy : undefined;
}

/** Members that writes go to now, by any HAProxy of the pool; undefined while none of them answers. */
export function writesGoTo(desired: DesiredHAProxy, looks: HAProxyLooks): ReadonlySet<string> | undefined {
  const answering = desired.hosts.flatMap((host) => haproxyOf(looks, host.name) ?? []);
  return answering.length === 0 ? undefined : new Set(answering.flatMap(writeServersUp));
}

/** Members that this HAProxy would send writes to: exactly one is right (F51). */
export function writeServersUp(haproxy: HAProxyFact | undefined): readonly string[] {
  return (haproxy?.servers ?? [])
    .filter((server) => server.backend === HAPROXY_BACKENDS.write && server.status.startsWith("UP"))
    .map((server) => server.server);
}

/** Its proxies, as a switchover goes by them. */
export function proxyWays(desired: DesiredHAProxy, looks: HAProxyLooks): readonly Way[] {
  const { name: resource } = desired.resolved;
  return desired.hosts.map(({ name: host }): Way => {
    const look = looks.get(host);
    if (look?.seen !== true) return { resource, host, state: "unseen", proxy: true };
    if (!runs(look)) return { resource, host, state: "stopped", proxy: true };
    const isHeld = heldServers(heldWish(desired, host), look.facts.haproxy).length > 0;
    const { drainSeconds } = desired.resolved.pool.spec.timeouts;
    return { resource, host, state: isHeld ? "held" : "serving", proxy: true, drainSeconds };
  });
}
