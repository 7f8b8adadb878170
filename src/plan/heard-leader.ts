import type { Look } from "../facts/fact.ts";
import type { MemberFacts, MembersWish } from "./member-facts.ts";

/** The machine is up and answers; what it does not do is to let pgha look. */
const NOT_LET_IN: ReadonlySet<string> = new Set([
  "AuthenticationFailed",
  "HostKeyChanged",
  "HostKeyUnknown",
  "HostLocked",
  "LoginShellUnusable",
  "LookFailed",
  "PrivilegeMissing",
]);

export interface HeardLeader {
  readonly name: string;
  /** Who says so. */
  readonly by: "HAProxy" | "the other members";
}

/**
 * The member that leads where pgha cannot tell by itself. What serves knows best: HAProxy asks Patroni there every
 * second whether it leads, so the one member that it sends writes to is taken, unless that one says otherwise.
 * `writesGoTo` is undefined where no HAProxy was seen.
 *
 * Else what all others say whose Patroni answers. Of a machine that does not answer that may be as old as the leader
 * key may get, so it is passed over where HAProxy was seen: that one knows already.
 */
export function heardLeader(
  wish: MembersWish,
  looks: ReadonlyMap<string, Look<MemberFacts>>,
  writesGoTo?: ReadonlySet<string>,
): HeardLeader | undefined {
  const [served, ...more] = writesGoTo ?? [];
  if (served !== undefined && more.length === 0 && isSilent(looks.get(served))) return { name: served, by: "HAProxy" };
  const said = wish.members.flatMap(({ name }) => {
    const look = looks.get(name);
    const cluster = look?.seen === true ? look.facts.patroni.cluster : undefined;
    return cluster === undefined
      ? []
      : [cluster.find(({ role, state }) => role === "primary" && state === "running")?.name];
  });
  const [name] = said;
  const look = name === undefined ? undefined : looks.get(name);
  if (name === undefined || look?.seen !== false || said.some((other) => other !== name)) return undefined;
  return writesGoTo === undefined || NOT_LET_IN.has(look.reason) ? { name, by: "the other members" } : undefined;
}

/** Whether a member did not say itself what it is, though it may well run. */
function isSilent(look: Look<MemberFacts> | undefined): boolean {
  if (look?.seen !== true) return look !== undefined;
  const { patroni, unit } = look.facts;
  return patroni.member === undefined && unit.activeState === "active";
}
