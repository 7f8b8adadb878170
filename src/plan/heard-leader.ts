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

/**
 * The member that leads as all others say whose Patroni answers, where pgha cannot look at it by itself. Of a machine
 * that does not answer at all, what they say is as old as the leader key may get, and is not taken.
 */
export function heardLeader(wish: MembersWish, looks: ReadonlyMap<string, Look<MemberFacts>>): string | undefined {
  const said = wish.members.flatMap(({ name }) => {
    const look = looks.get(name);
    const cluster = look?.seen === true ? look.facts.patroni.cluster : undefined;
    return cluster === undefined
      ? []
      : [cluster.find(({ role, state }) => role === "primary" && state === "running")?.name];
  });
  const [leader] = said;
  const look = leader === undefined ? undefined : looks.get(leader);
  const isHeard = look?.seen === false && NOT_LET_IN.has(look.reason) && said.every((name) => name === leader);
  return isHeard ? leader : undefined;
}
