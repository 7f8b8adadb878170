import { doesNotStart } from "./broken-members.ts";
import type { MemberFacts, MembersWish } from "./member-facts.ts";
import type { Wait } from "./plan.ts";

/** A base backup of a large database takes its time; only the first sign of no progress is wanted here. */
const STREAMING_SECONDS = 1800;
/** Patroni tries to start PostgreSQL anew each round: some of them had a configuration that came since. */
const START_FAILED_SECONDS = 60;

/** A member that does not stream from who leads. */
export function streamingWait(
  wish: MembersWish,
  name: string,
  leader: string,
  patroni: MemberFacts["patroni"] | undefined,
): Wait {
  const state = patroni?.member?.state ?? "not answering";
  const startFails = patroni !== undefined && doesNotStart(patroni);
  return {
    resource: wish.resource,
    host: name,
    reason: startFails ? "ReplicaBroken" : "ReplicaNotStreaming",
    for: startFails
      ? `PostgreSQL on ${name} to start, which Patroni tries again each round (it is ${state})`
      : `${name} to stream from ${leader} (it is ${state})`,
    holds: "settle",
    deadlineSeconds: startFails ? START_FAILED_SECONDS : STREAMING_SECONDS,
    signs: [{ host: name, url: `${wish.restApiUrl(name)}/replica` }],
    wayOut: `On ${name}: journalctl -u ${wish.unit}, and PostgreSQL's own log.`,
  };
}
