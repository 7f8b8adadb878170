import { isDown, knowsCluster } from "./member-facts.ts";
import type { FactsOf, MembersWish } from "./member-facts.ts";
import type { Voters } from "./voters.ts";

/**
 * Who may join the members of a cluster that somebody leads, of those that hold nothing of it. Some of them are
 * counted already: they lost their disk, and come back. A new voter raises the quorum at once and helps to reach it
 * only when it is up, so new ones join one at a time, and only once everybody before them votes and streams.
 */
export function mayJoin(
  wish: MembersWish,
  facts: FactsOf,
  leader: string,
  voters: Voters | undefined,
): readonly string[] {
  const vote = ({ address }: MembersWish["members"][number]) =>
    voters?.nodes.find((node) => node.address === wish.dcs.nodeAt(address));
  const blank = wish.members.filter(({ name }) => isDown(facts(name)) && !knowsCluster(wish, facts(name)));
  const back = blank.filter((member) => vote(member) !== undefined);
  const [next, ...later] = blank.filter((member) => !back.includes(member));
  if (next === undefined) return back.map(({ name }) => name);
  const streaming = (facts(leader)?.sql?.replication ?? [])
    .filter((standby) => standby.state === "streaming")
    .map((standby) => standby.name);
  const isSettled = wish.members
    .filter((member) => member !== next && !later.includes(member) && member.name !== leader)
    .every((member) => streaming.includes(member.name) && (voters === undefined || vote(member)?.connected === true));
  return [...back, ...(isSettled ? [next] : [])].map(({ name }) => name);
}
