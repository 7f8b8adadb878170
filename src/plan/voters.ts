import type { DcsStatus } from "../facts/dcs/dcs-fact.ts";
import type { FactsOf, MembersWish } from "./member-facts.ts";

/** Whom the DCS counts, as its own nodes say it: the number that decides whether writes go on when a host fails. */
export interface Voters {
  /** What the DCS is called that counts. */
  readonly countedBy: string;
  /** `ADDRESS:PORT` of each, with whether it is connected. */
  readonly nodes: readonly { readonly address: string; readonly connected: boolean }[];
  readonly connected: number;
  /** Votes that a decision takes. */
  readonly quorum: number;
  /** How many of those that are connected may still fail before nothing can be written. */
  readonly mayFail: number;
  /** False when the node that says so has no quorum: its list may be an old one. */
  readonly certain: boolean;
}

/** Undefined while no node says it. One with a quorum knows best, and the leader best of these. */
export function votersOf(wish: MembersWish, facts: FactsOf, leader: string | undefined): Voters | undefined {
  const asked = wish.members
    .flatMap(({ name, address }) => {
      const status = facts(name)?.dcs.status;
      const weight = (status?.hasQuorum === true ? 2 : 0) + (name === leader ? 1 : 0);
      return status === undefined ? [] : [{ own: wish.dcs.nodeAt(address), status, weight }];
    })
    .toSorted((left, right) => right.weight - left.weight);
  const [first] = asked;
  return first === undefined ? undefined : counted(wish.dcs.title, first.own, first.status);
}

/** Whether the others do not hear the node of a member, as one with a quorum says. Without one nobody knows. */
export function isUnheard(
  wish: Pick<MembersWish, "members" | "dcs">,
  voters: Voters | undefined,
  name: string,
): boolean {
  const member = wish.members.find((candidate) => candidate.name === name);
  if (member === undefined || voters?.certain !== true) return false;
  const own = wish.dcs.nodeAt(member.address);
  return voters.nodes.some(({ address, connected }) => address === own && !connected);
}

/** "<the DCS> counts 5 voters, 3 of them connected; a quorum is 3, so none may fail" */
export function votersInWords({ countedBy, nodes, connected, quorum, mayFail }: Voters): string {
  const up = connected === nodes.length ? "all" : String(connected);
  const may = mayFail <= 0 ? "none" : String(mayFail);
  return (
    `${countedBy} counts ${nodes.length} voters, ${up} of them connected; ` +
    `a quorum is ${quorum}, so ${may} may still fail`
  );
}

function counted(countedBy: string, own: string, { partners, hasQuorum }: DcsStatus): Voters {
  const nodes = [{ address: own, connected: true }, ...partners];
  const connected = nodes.filter((node) => node.connected).length;
  const quorum = Math.floor(nodes.length / 2) + 1;
  return { countedBy, nodes, connected, quorum, mayFail: Math.max(0, connected - quorum), certain: hasQuorum };
}
