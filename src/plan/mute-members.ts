import { isDown } from "./member-facts.ts";
import type { MemberFacts, MembersWish } from "./member-facts.ts";
import type { Wait } from "./plan.ts";

/** Patroni answers within seconds of its start where there is a quorum. */
const SILENT_SECONDS = 60;
/** It was started more than twice already: by itself it hardly comes right. */
const LOOPING_SECONDS = 60;

/**
 * A member whose Patroni does not come up, though there is a leader, and so a quorum: a node that cannot read what it
 * wrote itself ends Patroni at each start, or has it stand still before it answers anybody.
 */
export function muteWait(wish: MembersWish, host: string, seen: MemberFacts | undefined): Wait | undefined {
  if (seen === undefined || seen.patroni.answers || isDown(seen)) return undefined;
  const isLooping = seen.unit.restarts > 2;
  return {
    resource: wish.resource,
    host,
    reason: isLooping ? "MemberLooping" : "PatroniNotAnswering",
    for: isLooping
      ? `Patroni on ${host} to stay up: it starts, fails and is started again`
      : `Patroni on ${host} to answer: it runs and says nothing`,
    holds: "settle",
    deadlineSeconds: isLooping ? LOOPING_SECONDS : SILENT_SECONDS,
    signs: [{ host, url: `${wish.restApiUrl(host)}/replica` }],
    wayOut: `On ${host}: journalctl -u ${wish.unit}; the first error of a round is the cause. ${wish.dcs.damaged}`,
  };
}
