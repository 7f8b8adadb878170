import type { DesiredHost, DesiredService } from "../desired/host.ts";
import type { UnitFact } from "../facts/types.ts";
import { shortId } from "../desired/image.ts";
import { list } from "../text/words.ts";
import { connectionsWithin, filesNeededFor } from "../render/units.ts";
import type { Findings } from "./findings.ts";
import type { HostFacts } from "./host.ts";
import type { Blocker, Step, Warning } from "./plan.ts";

type Units = Readonly<Record<string, UnitFact>>;

/**
 * Whether the process that runs was started from another unit file than the wanted one, or from one that somebody had
 * changed and that is put right by now: a file is no process.
 */
export function isOutdated(service: DesiredService, found: UnitFact | undefined): boolean {
  return (
    found?.activeState === "active" &&
    (found.startedMark !== service.startedMark || startedFromOthers(service, found).length > 0)
  );
}

/** Why such a process is restarted. */
export function whyOutdated({ image }: DesiredService, { image: running }: UnitFact): string {
  if (running === image) return "it was started from another unit file than the spec asks for";
  return `it runs from ${inWords(running)} instead of ${inWords(image)}`;
}

function inWords(image: string | undefined): string {
  return image === undefined ? "the host itself" : `the image ${shortId(image)}`;
}

/** Files that had other texts when the process was started, beside the unit's mark in it. */
export function startedFromOthers({ startedFrom }: DesiredService, found: UnitFact): readonly string[] {
  const { startedFrom: then } = found;
  if (then === undefined) return [];
  return Object.keys(startedFrom).filter((path) => then[path] !== startedFrom[path]);
}

/**
 * Files that a running process was seen to read in another revision than they have now: somebody changed them in
 * between, if only to put them back, and nobody knows whether the process has read that. One that is gone is written
 * anew.
 */
export function unreadFiles({ of }: DesiredService, { paths, units }: Pick<HostFacts, "paths" | "units">): Unread {
  const unit = units[of.unit];
  if (unit?.activeState !== "active") return [];
  return of.reads.filter((path) => {
    const found = paths[path];
    if (found?.kind !== "file") return found !== undefined;
    return found.revision !== undefined && found.revision !== unit.read?.[path];
  });
}

/** The same, and those that these steps write. */
export function unreadAfter(steps: readonly Step[], service: DesiredService, facts: HostFacts): Unread {
  if (facts.units[service.of.unit]?.activeState !== "active") return [];
  const written = steps.flatMap(({ change }) => (change.kind === "write-file" ? [change.file.path] : []));
  const unread = unreadFiles(service, facts);
  return service.of.reads.filter((path) => unread.includes(path) || written.includes(path));
}

/** Paths. */
export type Unread = readonly string[];

/** Why a process is told to read its files again that shows the mark of what is wanted. */
export function whyUnread(unread: Unread): string {
  return `${list(unread)} changed since it is known to have read ${unread.length > 1 ? "them" : "it"}`;
}

/** What stands in the way of a host's services, or will one day, though they run. */
export function serviceFindings(resource: string, desired: DesiredHost, units: Units): Findings {
  const { blockers, warnings } = foreignDropIns(resource, desired, units);
  return { blockers, warnings: [...warnings, ...fewOpenFiles(resource, desired, units)] };
}

/**
 * What stands beside pgha's own unit files, in drop-ins of other hands: said, and left alone. Where it takes from a
 * service what it cannot be without, the service would go wrong at its next start only, which is not waited for.
 */
function foreignDropIns(resource: string, desired: DesiredHost, units: Units): Findings {
  const found = desired.services.flatMap((service) =>
    dropInsOf(resource, desired.host, service, units[service.of.unit]),
  );
  return {
    blockers: found.filter((finding) => "why" in finding),
    warnings: found.filter((finding) => "message" in finding),
  };
}

function dropInsOf(
  resource: string,
  host: string,
  service: DesiredService,
  unit: UnitFact | undefined,
): readonly (Blocker | Warning)[] {
  const { title, unitFile } = service.of;
  if (unit === undefined || unit.loadState !== "loaded" || unit.needsDaemonReload) return [];
  const foreign = unit.dropIns.filter((path) => path !== unitFile && !isOfDistribution(path));
  if (foreign.length === 0) return [];
  const files = foreign.join(" and ");
  const taken = overridden(service, unit);
  if (taken.length === 0)
    return [
      {
        resource,
        host,
        reason: "ForeignDropIn",
        message: `${files} changes how ${title} is started, beside what pgha wrote, and stays as it is`,
      },
    ];
  return [
    {
      resource,
      host,
      scope: "host",
      reason: "DropInOverrides",
      why: `${files} takes from ${title} what it needs: at its next start it would be without ${taken.join(" and ")}`,
      wayOut: `Take these lines out of it, or move it away, then run again; pgha lets systemd read the rest.`,
    },
  ];
}

/**
 * A service that may open fewer files than the clients take that it is declared to have. systemd takes the most that
 * the host allows itself, and says nothing; a restart would get no more. Clients beyond that are refused one day.
 */
function fewOpenFiles(resource: string, { host, services }: DesiredHost, found: Units): readonly Warning[] {
  return services.flatMap((service): readonly Warning[] => {
    const { title, unit: unitName } = service.of;
    const unit = found[unitName];
    const { fileLimit: wanted, clients } = service;
    if (wanted === undefined || clients === undefined || unit?.activeState !== "active") return [];
    const needed = filesNeededFor(clients.most);
    if (unit.filesAllowed === undefined || unit.filesAllowed >= needed) return [];
    // It was started before its unit asked for so many: then the restart that is planned gives them.
    if (isOutdated(service, unit) || unit.needsDaemonReload || (unit.fileLimit ?? wanted) < wanted) return [];
    return [
      {
        resource,
        host,
        reason: "FewOpenFiles",
        message:
          `${title} may open ${unit.filesAllowed} files there, and the ${clients.most} clients of ${clients.field} ` +
          `may take ${needed}: beyond about ${connectionsWithin(unit.filesAllowed)} it would refuse them. The host ` +
          `allows no more; raise fs.nr_open (sysctl), or in a container the limit of the container itself, then ` +
          `systemctl restart ${unitName}; or lower ${clients.field}`,
      },
    ];
  });
}

/** What the package itself, or systemd for all services, brings along is no person's doing. */
function isOfDistribution(path: string): boolean {
  return path.startsWith("/usr/lib/") || path.startsWith("/lib/") || path.includes("/service.d/");
}

function overridden({ environment, fileLimit, clients }: DesiredService, unit: UnitFact): readonly string[] {
  const needed = clients === undefined ? fileLimit : filesNeededFor(clients.most);
  const isTooFew = needed !== undefined && unit.fileLimit !== undefined && unit.fileLimit < needed;
  return [
    ...environment.filter((variable) => !unit.environment.includes(variable)),
    ...(isTooFew ? [`LimitNOFILE=${needed}`] : []),
  ];
}
