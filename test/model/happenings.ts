import { DRIFTS } from "./drifts.ts";
import { isPaused, streamsFrom } from "./model-patroni.ts";
import type { ModelHost } from "./model-host.ts";
import type { ModelWorld } from "./model-world.ts";
import { ALL, HAPROXY, PATRONI, PGBOUNCER } from "./model-units.ts";
import type { Service } from "../../src/desired/services.ts";

export interface Happening {
  readonly cause: "person" | "failure";
  readonly does: (model: ModelWorld, host: ModelHost) => void;
}

const failure = (does: Happening["does"]): Happening => ({ cause: "failure", does });
const person = (does: Happening["does"]): Happening => ({ cause: "person", does });

/** What hosts and people do while pgha works. On a host where it makes no sense it does nothing. */
export const HAPPENINGS: Readonly<Record<string, Happening>> = {
  "loses power": failure((_, host) => host.crash()),
  boots: person((_, host) => host.boot()),
  "is cut off": failure((_, host) => {
    host.isolated = true;
    host.reachable = false;
  }),
  "is heard again": person((_, host) => {
    host.isolated = false;
    host.reachable = host.powered;
  }),
  "lets nobody in": failure((_, host) => {
    host.reachable = false;
  }),
  "has its Patroni killed": failure((_, host) => host.kill(PATRONI, true)),
  "has its Patroni stopped": person((_, host) => host.kill(PATRONI, false)),
  "has its HAProxy stopped": person((_, host) => host.kill(HAPROXY, false)),
  "has its PgBouncer stopped": person((_, host) => host.kill(PGBOUNCER, false)),
  "has its PgBouncer paused": person((_, host) => {
    if (host.active.has(PGBOUNCER)) host.paused = { by: "a person" };
  }),
  "has its PgBouncer resumed": person((_, host) => {
    host.paused = undefined;
  }),
  "gets a server into maintenance": person((model, host) => {
    const name = model.stack.clusters[0]?.spec.hosts[0]?.name ?? "";
    if (host.active.has(HAPROXY)) host.maintained = new Set([...host.maintained, name]);
  }),
  "gets its servers out of maintenance": person((_, host) => {
    host.maintained = new Set();
    host.drainedByHand = new Set();
  }),
  "gets a server drained": person((model, host) => {
    const name = model.stack.clusters[0]?.spec.hosts[1]?.name ?? "";
    if (host.active.has(HAPROXY)) host.drainedByHand = new Set([...host.drainedByHand, name]);
  }),
  "hears that Patroni is paused": person((model) => pause(model, true)),
  "hears that Patroni is resumed": person((model) => pause(model, false)),
  "is switched over to": person(switchOver),
  "does not start its PostgreSQL any more": failure((_, host) => {
    if (host.role === "replica") host.broken = true;
  }),
  "leaves its leader's history": failure((_, host) => {
    if (host.role === "replica" && host.timeline > 0) host.diverged = true;
  }),
  "is made anew": person((_, host) => {
    host.broken = false;
    host.diverged = false;
  }),
  "loses its data": failure((model, host) => {
    const members = (model.stack.clusters[0]?.spec.hosts ?? []).map(({ name }) => model.host(name));
    if (!members.includes(host) || members.some((other) => other !== host && other.dataDirectory !== "valid")) return;
    host.kill(PATRONI, false);
    host.dataDirectory = "empty";
    host.systemId = undefined;
    host.journals = [];
    host.atLeast = {};
  }),
  "gets newer programs": person((_, host) => {
    host.replaced = new Set([HAPROXY, PGBOUNCER].filter((unit) => host.active.has(unit)));
  }),
  "could have newer packages": person((_, host) => {
    for (const name of ["postgresql-17", "patroni", "haproxy", "pgbouncer"])
      if (host.packages.has(name)) host.upgrades.available.set(name, "99.1-1");
  }),
  "gets somebody's file": person((_, host) => {
    host.write("/etc/haproxy/haproxy.cfg", {
      content: "# Somebody's own\n",
      owner: "root",
      group: "root",
      mode: 0o644,
    });
  }),
  ...Object.fromEntries(
    ALL.flatMap((service) => [
      ...service.reads.flatMap((path) => edits(service, path, "reloads")),
      ...[service.config, service.unitFile, ...service.startsFrom].flatMap((path) => edits(service, path, "restarts")),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(DRIFTS).map(([what, drift]) => [
      `has it that ${what}`,
      person((model, { name }) => drift(model, name)),
    ]),
  ),
};

/** A person who edits a file, has it read, and may put it back as it was. */
function edits(
  { unit }: Service,
  path: string,
  how: "reloads" | "restarts",
): readonly (readonly [string, Happening])[] {
  const edit = (isPutBack: boolean): Happening =>
    person((_, host) => {
      const file = host.files.get(path);
      if (file === undefined || !host.active.has(unit)) return;
      host.write(path, { ...file, content: `${file.content}# by hand\n` });
      if (how === "reloads") host.signal(unit);
      else host.kill(unit, true);
      if (isPutBack) host.write(path, file);
    });
  return [
    [`has ${path} edited, and ${unit} ${how}`, edit(false)],
    [`has ${path} edited, and ${unit} ${how}, and the file is put back`, edit(true)],
  ];
}

/** Whatever is still wrong and only people put right: machines up, cables in, pauses ended, a broken copy made anew. */
export function putRight(model: ModelWorld): void {
  for (const host of model.hosts.values()) {
    for (const what of [
      "boots",
      "is heard again",
      "has its PgBouncer resumed",
      "gets its servers out of maintenance",
      "is made anew",
    ])
      HAPPENINGS[what]?.does(model, host);
  }
  pause(model, false);
}

/** A member that nobody hears goes on as it was: nobody ends a pause behind its back. */
function pause(model: ModelWorld, isAsked: boolean): void {
  if (model.initialize === undefined || [...model.hosts.values()].some(({ isolated }) => isolated)) return;
  if (isPaused(model.dynamicConfiguration) === isAsked) return;
  const { pause: _, ...rest } = model.dynamicConfiguration;
  model.dynamicConfiguration = isAsked ? { ...rest, pause: true } : rest;
}

/** As `patronictl switchover` does it: only to who streams. */
function switchOver(model: ModelWorld, host: ModelHost): void {
  const [cluster] = model.stack.clusters;
  const leader = cluster === undefined ? undefined : model.leader(cluster);
  if (cluster === undefined || leader === undefined || !streamsFrom(model, cluster, leader, host)) return;
  if (isPaused(model.dynamicConfiguration) || host.patroniTags()["nofailover"] === true) return;
  leader.role = "replica";
  host.role = "primary";
  host.timeline += 1;
  model.timeline = host.timeline;
  model.key = { holder: host.name, until: model.clock + 30_000 };
}
