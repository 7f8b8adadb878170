import type { Drain } from "../../src/changes/drain.ts";
import type { SwitchOver } from "../../src/changes/switch-over.ts";
import type { HostChange } from "../../src/changes/table.ts";
import { isPaused, streamsFrom } from "./model-patroni.ts";
import { readsFrom } from "./model-proxy.ts";
import type { ModelHost } from "./model-host.ts";
import type { ModelWorld } from "./model-world.ts";
import { keepFormer } from "./model-former.ts";
import { ModelStepError, PGBOUNCER } from "./model-units.ts";

/** How long a pause lasts that nobody renews. */
const LEASE_MS = 3_000;

/** How long who drains sees to the end of it, should nobody else. */
const DRAIN_MS = 60_000;

/** Readers go past a member that is about to be worked on, where others serve them. */
export function drainReaders(model: ModelWorld, change: HostChange): void {
  const { member, drains } = drainsOf(change);
  for (const { host: name } of drains) {
    const host = model.host(name);
    if (!host.reachable) throw new ModelStepError(`${name} is away`);
    const readers = readsFrom(model, host);
    if (host.drained !== undefined) throw new ModelStepError(`${name} drains another`);
    if (!readers.includes(member) || readers.length < 2) continue;
    host.drained = { member, until: model.clock + DRAIN_MS };
  }
}

export function returnReaders(model: ModelWorld, change: HostChange): void {
  for (const { host } of drainsOf(change).drains) model.host(host).drained = undefined;
}

export function endDrain(host: ModelHost): void {
  host.drained = undefined;
}

function drainsOf(change: HostChange): { readonly member: string; readonly drains: readonly Drain[] } {
  if (change.kind === "switch-over") return { member: change.to, drains: change.drains ?? [] };
  if (change.kind === "restart-member" || change.kind === "move-member" || change.kind === "reinit-member")
    return { member: change.member, drains: change.readers?.drains ?? [] };
  return { member: "", drains: [] };
}

/** Every pooler has its clients wait, or none has. */
export function holdWays(model: ModelWorld, { ways }: SwitchOver): void {
  const hosts = ways.map(({ host }) => model.host(host));
  const away = hosts.find((host) => !host.reachable);
  if (away !== undefined) throw new ModelStepError(`${away.name} is away`);
  for (const { host: name, pooler } of ways) {
    const host = model.host(name);
    if (pooler === undefined || !host.active.has(PGBOUNCER)) continue;
    // A global pause that somebody made is refused by the one that is there.
    if (host.paused !== undefined) throw new ModelStepError(`${name} is held`);
    host.paused = { by: "pgha", until: model.clock + LEASE_MS };
  }
}

/** As Patroni hands over: only from who leads, to one that streams from it. What it comes to, clients go on. */
export function handOver(model: ModelWorld, { from, to, ways }: SwitchOver): void {
  for (const { host } of ways) letGo(model, host);
  const cluster = model.stack.clusters.find(({ spec }) => spec.hosts.some(({ name }) => name === from));
  const [leader, next] = [model.host(from), model.host(to)];
  if (cluster === undefined || model.leader(cluster) !== leader) throw new ModelStepError(`${from} does not lead`);
  if (!streamsFrom(model, cluster, leader, next) || isPaused(model.dynamicConfiguration))
    throw new ModelStepError(`${to} cannot lead`);
  if (next.patroniTags()["nofailover"] === true) throw new ModelStepError(`${to} never leads`);
  leader.role = "replica";
  // It comes back as a standby, another process of it.
  leader.parametersAtStart = undefined;
  leader.upgrades.restarted(false);
  leader.loopsAt = 0;
  next.role = "primary";
  next.timeline = Math.max(next.timeline, model.timeline) + 1;
  model.timeline = next.timeline;
  model.key = { holder: next.name, until: model.clock + 30_000 };
}

/** Whoever holds clients, or leads readers elsewhere, ends that when nobody renews it. */
export function endLeases({ hosts, clock }: ModelWorld): void {
  for (const host of hosts.values()) {
    if (host.paused?.by === "pgha" && (host.paused.until ?? Infinity) <= clock) host.paused = undefined;
    if ((host.drained?.until ?? Infinity) <= clock) host.drained = undefined;
    keepFormer(host, clock);
  }
}

export function letGo(model: ModelWorld, name: string): void {
  const host = model.host(name);
  if (host.paused?.by === "pgha") host.paused = undefined;
}
