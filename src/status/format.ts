import { formatWarnings } from "../plan/format-hindrances.ts";
import type { Warning } from "../plan/plan.ts";
import { paragraph } from "../text/layout.ts";
import { printable } from "../text/printable.ts";
import type { Style } from "../text/style.ts";
import { table } from "../text/table.ts";
import { formatConditions, withoutSaid } from "./format-conditions.ts";
import { formatHosts } from "./format-hosts.ts";
import type { Endpoint, ResourceStatus } from "./status.ts";

export interface StatusFormat {
  readonly style: Style;
  /** Width of the screen. */
  readonly columns: number;
  /** Show conditions that are as they should be, too. */
  readonly allConditions: boolean;
  /** Where the passwords are, for people: a path; undefined when there is nothing to say. */
  readonly secretsFolder: string | undefined;
}

/** The observed truth for people: each resource with its hosts and conditions, then where clients connect. */
export function formatStatuses(
  statuses: ReadonlyMap<string, ResourceStatus>,
  format: StatusFormat,
  warnings: readonly Warning[] = [],
): string {
  const sections = [
    ...[...statuses].map(([resource, status]) => resourceSection(resource, status, format)),
    formatWarnings(warnings, format),
    endpointSection(statuses, format),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** Whether every resource is Ready: what decides `pgha status`'s exit code. */
export function allReady(statuses: ReadonlyMap<string, ResourceStatus>): boolean {
  return [...statuses.values()].every((status) => isReady(status));
}

function isReady(status: ResourceStatus): boolean {
  return status.conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
}

/** A resource that says nothing of it is given the benefit of the doubt. */
function isAvailable(status: ResourceStatus): boolean {
  return status.conditions.every((condition) => condition.type !== "Available" || condition.status === "True");
}

function resourceSection(resource: string, status: ResourceStatus, format: StatusFormat): readonly string[] {
  const { style, columns } = format;
  const said = [status.message, ...status.hosts.flatMap(({ message }) => message ?? [])];
  const waiting = status.waiting === undefined ? "" : withoutSaid(status.waiting.for, said);
  const phase = isReady(status) ? style.good(`● ${status.phase}`) : style.caution(`○ ${status.phase}`);
  return [
    `${style.bold(resource)}  ${phase}`,
    ...(status.message === "" ? [] : paragraph(printable(status.message), 2, columns)),
    ...clusterLine(status, style),
    ...formatHosts(status, style),
    ...formatConditions(status.conditions, format.allConditions, format, said),
    ...(waiting === ""
      ? []
      : [
          "  … waiting for " +
            `${printable(waiting)}${status.waiting?.until === undefined ? "" : `, until ${status.waiting.until}`}`,
        ]),
    ...nextLines(status.plan, style),
  ];
}

function clusterLine({ cluster }: ResourceStatus, style: Style): readonly string[] {
  if (cluster === undefined) {
    return [];
  }
  const parts = [
    `scope ${cluster.scope}`,
    cluster.leader === undefined ? style.bad("no leader") : `leader ${style.bold(cluster.leader)}`,
    ...(cluster.voting === undefined ? [] : [votes(cluster.voting)]),
    ...(cluster.timeline === undefined ? [] : [`timeline ${cluster.timeline}`]),
    ...(cluster.systemId === undefined ? [] : [`system ${cluster.systemId}`]),
    ...(cluster.patroniPaused === true ? [style.bad("Patroni paused: no failover")] : []),
  ];
  return [
    `  ${parts.join(style.dim(" · "))}`,
    ...(cluster.scheduled ?? []).map((what) => `  ${style.caution("…")} scheduled: ${printable(what)}`),
  ];
}

/** The number that decides whether writes go on when the next host fails. */
function votes({ voters, connected, mayFail }: NonNullable<NonNullable<ResourceStatus["cluster"]>["voting"]>): string {
  return `${connected} of ${voters} voters, ${mayFail === 0 ? "none" : mayFail} may fail`;
}

const NEXT_SHOWN = 3;

function nextLines(plan: readonly string[], style: Style): readonly string[] {
  if (plan.length === 0) {
    return [];
  }
  const more = plan.length - NEXT_SHOWN;
  return [
    style.dim("  to do next"),
    ...plan.slice(0, NEXT_SHOWN).map((line) => `    ${printable(line)}`),
    ...(more > 0 ? [style.dim(`    and ${more} more: pgha plan shows them`)] : []),
  ];
}

function endpointSection(
  statuses: ReadonlyMap<string, ResourceStatus>,
  { style, secretsFolder }: StatusFormat,
): readonly string[] {
  const rows = [...statuses].flatMap(([resource, status]) =>
    [...new Set(status.endpoints.map((endpoint) => endpoint.purpose))].map((purpose) => [
      purposeTitle(purpose),
      status.endpoints
        .filter((endpoint) => endpoint.purpose === purpose)
        .map((endpoint) => placeOf(endpoint, status, style))
        .join(", "),
      resource,
      isAvailable(status) ? "" : style.caution("not serving"),
    ]),
  );
  if (rows.length === 0) {
    return [];
  }
  const passwords = secretsFolder === undefined ? [] : [style.dim(`  logins and passwords: ${secretsFolder}`)];
  return [style.bold("Clients connect to"), ...table(["FOR", "AT", "THROUGH", "NOTE"], rows, style), ...passwords];
}

function purposeTitle(purpose: string): string {
  switch (purpose) {
    case "write":
    case "read-write":
      return "writes (unpooled)";
    case "read":
    case "read-only":
      return "reads (unpooled)";
    case "pooled":
      return "everything (pooled)";
    default:
      return purpose;
  }
}

/** Where clients connect, marked where nobody answers them. */
function placeOf(endpoint: Endpoint, { hosts }: ResourceStatus, style: Style): string {
  const host = hosts.find(({ address }) => address === endpoint.address);
  const place = hostAndPort(endpoint);
  return host === undefined || ANSWERING.has(host.state) || isAboutWrites(host.state, endpoint)
    ? place
    : `${place} ${style.bad(`(${printable(host.state)})`)}`;
}

/** A proxy without a leader leads to replicas all the same, and shows its figures. */
function isAboutWrites(state: string, { purpose }: Endpoint): boolean {
  return state === "NoWriteServer" && (purpose === "read" || purpose === "stats");
}

const ANSWERING: ReadonlySet<string> = new Set(["Ready", "Reachable", "Serving"]);

function hostAndPort({ address, port }: Endpoint): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
