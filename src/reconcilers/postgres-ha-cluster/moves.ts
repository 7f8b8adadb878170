import type { MoveMember } from "../../changes/move-member.ts";
import type { RestartMember } from "../../changes/restart-member.ts";
import { shortId } from "../../desired/image.ts";
import { PATRONI, PATRONI_INSIDE } from "../../desired/services.ts";
import { collationFault, localesMissing } from "../../plan/collations.ts";
import { HostFindings, mergeFindings, NO_FINDINGS } from "../../plan/findings.ts";
import type { Findings } from "../../plan/findings.ts";
import type { Wait } from "../../plan/plan.ts";
import { list } from "../../text/words.ts";
import type { Ground } from "../container.ts";
import { ownedData } from "./data-owner.ts";
import type { DesiredCluster, DesiredMember } from "./desire.ts";
import type { ClusterFacts, ClusterLooks } from "./observe.ts";

/**
 * Members that may be moved, with why in words: none before it is known of each what it would come to, and none where
 * anything speaks against it anywhere.
 */
export function movesOf(desired: DesiredCluster, looks: ClusterLooks): ReadonlyMap<string, string> {
  const moved = desired.members.filter(({ move }) => move !== undefined);
  const isKnown = moved.every(({ move }) => move?.ground !== "not known");
  const { blockers, waits } = planMoves(desired, looks);
  if (!isKnown || blockers.length > 0 || waits.length > 0) return new Map();
  return new Map(
    moved.map((member) => {
      const { from, to } = placesOf(member);
      return [member.name, `Patroni is to run in another place: ${to} instead of ${from}`];
    }),
  );
}

/** What speaks against it, before anything is touched. */
export function planMoves(
  desired: DesiredCluster,
  looks: ClusterLooks,
): Findings & { readonly waits: readonly Wait[] } {
  const uses = [...looks.values()].flatMap((look) => (look.seen ? (look.facts.collations?.uses ?? []) : []));
  const isTold = [...looks.values()].some((look) => look.seen && look.facts.collations?.uses !== undefined);
  const unique = [...new Map(uses.map((use) => [JSON.stringify(use), use])).values()];
  const found = desired.members.map((member) => {
    const look = looks.get(member.name);
    if (look?.seen !== true || member.move === undefined || member.move.ground === "not known") return NOTHING;
    return findingsOf(desired, member, look.facts, isTold ? unique : undefined);
  });
  return { ...mergeFindings(found), waits: found.flatMap(({ waits }) => waits) };
}

const NOTHING = { ...NO_FINDINGS, waits: [] } as const;

function findingsOf(
  { resolved }: DesiredCluster,
  member: DesiredMember,
  { collations, dataDirectory }: ClusterFacts,
  uses: Parameters<typeof collationFault>[0]["uses"],
): Findings & { readonly waits: readonly Wait[] } {
  const { name, cluster } = resolved;
  const found = new HostFindings(name, member.name, "disruptive");
  const words = placesOf(member);
  const isInside = member.move?.ground !== "host";
  const { mountPath } = cluster.spec.postgresql.dataVolume;
  const elsewhere = (dataDirectory.links ?? []).filter((target) => !target.startsWith(`${mountPath}/`));
  if (isInside && elsewhere.length > 0)
    found.block(
      "DataElsewhere",
      `links of its data lead to ${list(elsewhere)}, and a container is given ${mountPath} alone`,
      `With Patroni stopped there, move what they lead to below ${mountPath} and mend the links; or put ` +
        "spec.runtime back.",
    );
  if (collations?.isAsked !== true) return { ...mergeFindings([found]), waits: [waitFor(name, member.name)] };
  const [from, to] = isInside ? [collations.host, collations.container] : [collations.container, collations.host];
  const missing = localesMissing({ to, uses });
  if (missing.length > 0)
    found.block(
      "LocaleMissing",
      `${words.to} has not the locale ${list(missing)}, by which databases or indexes go`,
      isInside
        ? "Name an image that has it, or put spec.runtime back."
        : `Have it made on ${member.name}, as docs/operations.md says of LocaleMissing; or put spec.runtime back.`,
    );
  const fault = collationFault({ from, to, uses, words });
  if (fault !== undefined)
    found.block(
      "CollationChanges",
      fault,
      "Put spec.runtime back; or have the same library on both sides: an image of the same release of the " +
        "distribution has it. To change it for good, make another cluster beside this one, and copy the data by " +
        "pg_dump or logical replication.",
    );
  return { ...mergeFindings([found]), waits: [] };
}

/** It answers by itself. */
function waitFor(resource: string, host: string): Wait {
  return {
    resource,
    host,
    reason: "HostSlow",
    for: "it to say which libraries order text in the container",
    holds: "settle",
    deadlineSeconds: 300,
    wayOut: "It is asked again. Where that goes on, as root there: docker info",
  };
}

/** In words: where a member is, and where it is to come to. */
export function placesOf({ ground, move }: DesiredMember): { readonly from: string; readonly to: string } {
  return { from: placeInWords(ground), to: placeInWords(move?.ground ?? ground) };
}

export function placeInWords(ground: Ground | "not known"): string {
  if (ground === "host") return "the host itself";
  return ground === "not known" ? "a container" : `a container of the image ${shortId(ground.image)}`;
}

/** The change that takes the place of a restart, where that is to be a move. */
export function movedInstead(
  desired: DesiredCluster,
  looks: ClusterLooks,
): (restart: RestartMember) => RestartMember | MoveMember {
  const moves = movesOf(desired, looks);
  return (restart) => {
    const own = desired.members.find(({ name }) => name === restart.member && moves.has(name));
    return (own === undefined ? undefined : moveOf(desired, own, restart)) ?? restart;
  };
}

function moveOf({ resolved }: DesiredCluster, member: DesiredMember, restart: RestartMember): MoveMember | undefined {
  const { move } = member;
  const data = move === undefined ? undefined : ownedData(resolved, move);
  if (move === undefined || data === undefined) return undefined;
  const { url, role, dataDirectory, postmaster, readers, startSeconds } = restart;
  const { directories, files } = move.host;
  return {
    kind: "move-member",
    member: member.name,
    url,
    role,
    dataDirectory,
    postmaster,
    ...(readers === undefined ? {} : { readers }),
    startSeconds,
    ...placesOf(member),
    unit: PATRONI.unit,
    former: [member.ground === "host" ? PATRONI.unitFile : PATRONI_INSIDE.unitFile],
    data,
    directories: directories.filter(({ path }) => ![data.directory, ...data.besides].includes(path)),
    files: files.filter(({ beforePackages }) => beforePackages !== true),
  };
}
