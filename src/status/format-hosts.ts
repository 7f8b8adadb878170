import { printable } from "../text/printable.ts";
import { size } from "../text/size.ts";
import type { Style } from "../text/style.ts";
import { table } from "../text/table.ts";
import { clockOf, notable } from "./measured.ts";
import type { Measured } from "./measured.ts";
import type { HostStatus, MemberStatus, ResourceStatus } from "./status.ts";

/** One row a host; on database hosts with what its member does. Members that no host has come last. */
export function formatHosts({ hosts, cluster, measured }: ResourceStatus, style: Style): readonly string[] {
  const members = cluster?.members ?? [];
  const rows = [
    ...hosts.map((host) =>
      row(
        host,
        members.find((member) => member.name === host.name),
        notesOf(host.name, measured, style),
        style,
      ),
    ),
    ...members
      .filter((member) => hosts.every((host) => host.name !== member.name))
      .map((member) => row(undefined, member, [], style)),
  ];
  return rows.length === 0
    ? []
    : table(["HOST", "ADDRESS", "STATE", "ROLE", "POSTGRESQL", "TIMELINE", "LAG", "VERSIONS", "NOTE"], rows, style);
}

function notesOf(host: string, measured: Measured | undefined, style: Style): readonly string[] {
  const named = ({ name }: { readonly name: string }): boolean => name === host;
  const found = measured?.hosts.find(named);
  const figures = notable(found, measured?.members.find(named)).map((figure) => style.caution(figure));
  return [...figures, ...[clockOf(found) ?? []].flat()];
}

function row(
  host: HostStatus | undefined,
  member: MemberStatus | undefined,
  figures: readonly string[],
  style: Style,
): readonly string[] {
  const notes = [
    ...figures,
    ...(member?.pendingRestart === true ? [style.caution("restart pending")] : []),
    ...Object.entries(host?.upgrades ?? {}).map(([name, version]) => printable(`${name} ${version} can be had`)),
    ...(host?.message === undefined ? [] : [oneLine(host.message)]),
  ];
  const versions = Object.entries(host?.versions ?? {}).map(([name, version]) => printable(`${name} ${version}`));
  return [
    printable(host?.name ?? member?.name ?? ""),
    host?.address ?? "",
    host === undefined ? style.caution("not in the manifest") : stateOf(host.state, style),
    member === undefined ? "" : roleOf(member.role, style),
    printable(member?.state ?? ""),
    member?.timeline === undefined ? "" : String(member.timeline),
    lagOf(member),
    versions.length > 0 ? versions.join(", ") : printable(member?.version ?? ""),
    notes.join("; "),
  ];
}

function stateOf(state: string, style: Style): string {
  return state === "Ready" ? style.good(state) : style.caution(printable(state));
}

/** What Patroni calls primary is the leader to people. */
function roleOf(role: string, style: Style): string {
  return role === "primary" || role === "leader" ? style.bold("leader") : printable(role);
}

function lagOf(member: MemberStatus | undefined): string {
  // A leader has none, and of a member that was not seen nobody asks.
  if (member === undefined || ["primary", "leader", "unknown"].includes(member.role)) {
    return "";
  }
  return member.lagBytes === undefined ? "unknown" : size(member.lagBytes);
}

function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, " ").trim();
}
