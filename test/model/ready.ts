import type { Pass } from "../../src/reconcilers/reconcile.ts";
import { nameOf } from "../../src/reconcilers/stack.ts";
import type { ModelHost } from "./model-host.ts";
import { isPaused, serves, streamsFrom } from "./model-patroni.ts";
import { writesTo } from "./model-proxy.ts";
import { modelSettings, parametersIn } from "./model-settings.ts";
import type { ModelWorld } from "./model-world.ts";
import { HAPROXY, PATRONI, PGBOUNCER, serviceOf, textInForce } from "./model-units.ts";

/** What a status that says Ready is silent about: what is not in force, or not well, of all that the resource has. */
export function untold(model: ModelWorld, statuses: Pass["statuses"]): readonly string[] {
  const isReady = (name: string): boolean => statuses.get(name)?.phase === "Ready";
  return [
    ...model.stack.clusters.filter((one) => isReady(nameOf(one))).flatMap((one) => ofCluster(model, one)),
    ...model.stack.haproxyPools
      .filter((one) => isReady(nameOf(one)))
      .flatMap(({ spec }) => spec.hosts.flatMap(({ name }) => ofProxy(model, model.host(name)))),
    ...model.stack.pgbouncerPools
      .filter((one) => isReady(nameOf(one)))
      .flatMap(({ spec }) => spec.hosts.flatMap(({ name }) => ofPooler(model, model.host(name)))),
  ];
}

function ofCluster(model: ModelWorld, cluster: ModelWorld["stack"]["clusters"][number]): readonly string[] {
  const { postgresql } = cluster.spec;
  const members = cluster.spec.hosts.map(({ name }) => model.host(name));
  const leader = members.find((host) => serves(host) && host.role === "primary");
  const inForce = parametersIn(model.dynamicConfiguration);
  return [
    ...(leader === undefined ? ["nobody leads"] : []),
    ...(isPaused(model.dynamicConfiguration) ? ["Patroni is paused"] : []),
    ...Object.entries(postgresql.parameters ?? {})
      .filter(([name, value]) => inForce[name] !== value)
      .map(([name]) => `${name} is not in the DCS`),
    ...members.flatMap((host) => [
      ...away(host),
      ...(leader === undefined || host === leader || streamsFrom(model, cluster, leader, host)
        ? []
        : [`${host.name} does not stream`]),
      ...older(host, PATRONI, ["/etc/patroni/config.yml"]),
      ...[...host.upgrades.running].map((program) => `${program} on ${host.name} was upgraded and runs on`),
      ...(cluster.spec.packages.upgrade === "Automatic" && cluster.spec.runtime === "systemd"
        ? [...host.upgrades.available.keys()].map(named(host))
        : []),
      ...modelSettings(host, inForce, postgresql.version)
        .filter(({ pending }) => pending)
        .map(({ name }) => `${host.name} runs without ${name}`),
    ]),
  ];
}

function ofProxy(model: ModelWorld, host: ModelHost): readonly string[] {
  const [cluster] = model.stack.clusters;
  const leader = cluster === undefined ? undefined : model.leader(cluster);
  const writes = writesTo(model, host);
  return [
    ...away(host),
    ...older(host, HAPROXY, ["/etc/pgha/haproxy/haproxy.cfg"]),
    ...(writes.join() === leader?.name || isOutOfSight(model, leader, writes)
      ? []
      : [`${host.name} sends writes to ${writes.join(" and ") || "nobody"}`]),
    ...(host.maintained.size + host.drainedByHand.size === 0 ? [] : [`somebody holds a server on ${host.name}`]),
    ...(host.drained === undefined ? [] : [`readers on ${host.name} are led past ${host.drained.member}`]),
  ];
}

/** HAProxy alone can tell how a member is that pgha cannot look at, and takes two checks to notice. */
function isOutOfSight(model: ModelWorld, leader: ModelHost | undefined, [writer, more]: readonly string[]): boolean {
  return leader === undefined && writer !== undefined && more === undefined && !model.host(writer).reachable;
}

function ofPooler(model: ModelWorld, host: ModelHost): readonly string[] {
  const ini = "/etc/pgha/pgbouncer/pgbouncer.ini";
  const setting = (text: string | undefined, name: string): string | undefined =>
    new RegExp(`^${name} = (.*)$`, "m").exec(text ?? "")?.[1];
  const atStart = host.startedWith.get(PGBOUNCER)?.get(ini);
  const [cluster] = model.stack.clusters;
  return [
    ...away(host),
    ...older(host, PGBOUNCER, [ini, "/etc/pgha/pgbouncer/userlist.txt"]),
    ...host.fixedSettings
      .filter((name) => setting(atStart, name) !== setting(host.files.get(ini)?.content, name))
      .map((name) => `PgBouncer on ${host.name} was started with another ${name}`),
    ...(host.paused === undefined ? [] : [`PgBouncer on ${host.name} is paused`]),
    ...(cluster !== undefined && model.leader(cluster) === undefined ? ["poolers lead to nobody"] : []),
  ];
}

function named({ name }: ModelHost): (what: string) => string {
  return (what) => `there is a newer ${what} for ${name}`;
}

function away({ name, reachable, powered }: ModelHost): readonly string[] {
  return reachable && powered ? [] : [`${name} is away`];
}

function isSame(loaded: string | undefined, wanted: string | undefined): boolean {
  if (loaded === wanted) return true;
  return loaded !== undefined && wanted !== undefined && textInForce(loaded) === textInForce(wanted);
}

/** Processes that are older than what lies on the disk: their program, their unit, or what they have loaded. */
function older(host: ModelHost, unit: string, files: readonly string[]): readonly string[] {
  if (!host.active.has(unit)) return [`${unit} does not run on ${host.name}`];
  const { unitFile, startsFrom } = serviceOf(unit);
  return [
    ...files
      .filter((path) => !isSame(host.loaded.get(unit)?.get(path), host.files.get(path)?.content))
      .map((path) => `${unit} on ${host.name} has not loaded ${path}`),
    ...[unitFile, ...startsFrom]
      .filter((path) => host.startedWith.get(unit)?.get(path) !== host.files.get(path)?.content)
      .map((path) => `${unit} on ${host.name} was started from another ${path}`),
    ...(host.replaced.has(unit) ? [`the program of ${unit} on ${host.name} was upgraded`] : []),
  ];
}
