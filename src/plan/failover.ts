import type { Reason } from "../reasons.ts";
import { size } from "../text/size.ts";
import type { FactsOf, MemberFacts, MembersWish } from "./member-facts.ts";
import { isUnheard, votersOf } from "./voters.ts";

/** Who would take over if the leader were lost now, and why the others would not. */
export interface FailoverOutlook {
  readonly candidates: readonly string[];
  /** Undefined while a failover would happen. */
  readonly hindrance?: { readonly reason: Reason; readonly message: string };
}

/**
 * Whether a failover would happen now, by the rules that Patroni itself goes by
 * (https://patroni.readthedocs.io/en/latest/dynamic_configuration.html): not while it is paused, only with a majority
 * of the members left, and only to a replica that is near enough, may lead, and is synchronous where that is asked for.
 */
export function failoverOutlook(wish: MembersWish, facts: FactsOf, leader: string): FailoverOutlook {
  const replicas = wish.members.filter(({ name }) => name !== leader);
  const voters = votersOf(wish, facts, leader);
  const judged = judgeReplicas(wish, facts, leader, voters);
  const candidates = judged.filter(({ whyNot: reason }) => reason === undefined).map(({ name }) => name);
  if (isPaused(wish, facts)) {
    return {
      candidates: [],
      hindrance: { reason: "PatroniPaused", message: "Patroni is paused: it changes no roles" },
    };
  }
  if (candidates.length === 0) {
    const reasons = judged.map(({ name, whyNot: reason }) => `${name} ${reason}`).join(", ");
    return {
      candidates,
      hindrance: {
        reason: "NoCandidate",
        message: reasons === "" ? "there is no other member" : `nobody could take over from ${leader}: ${reasons}`,
      },
    };
  }
  const others = replicas.filter(
    ({ name }) => facts(name)?.patroni.answers === true && !isUnheard(wish, voters, name),
  ).length;
  const majority = Math.floor(wish.members.length / 2) + 1;
  return others >= majority
    ? { candidates }
    : {
        candidates: [],
        hindrance: {
          reason: "NoQuorumWithoutLeader",
          message:
            `without ${leader}, ${others} of ${wish.members.length} members would be left, and it takes ` +
            `${majority} to elect another`,
        },
      };
}

/** Each replica, with why it could not take over from this leader now; in words that go on from its name. */
export function judgeReplicas(
  wish: MembersWish,
  facts: FactsOf,
  leader: string,
  voters = votersOf(wish, facts, leader),
): readonly { readonly name: string; readonly whyNot: string | undefined }[] {
  const rules = facts(leader)?.patroni.dynamicConfig ?? {};
  return wish.members
    .filter(({ name }) => name !== leader)
    .map(({ name }) => ({
      name,
      whyNot: isUnheard(wish, voters, name)
        ? `has a ${wish.dcs.title} node that the others do not hear`
        : whyNot(name, facts, leader, rules),
    }));
}

/** Pause is one word in the DCS, which each member repeats once it has read it. */
export function isPaused(
  wish: { readonly members: readonly { readonly name: string }[] },
  facts: (name: string) => Pick<MemberFacts, "patroni"> | undefined,
): boolean {
  return wish.members.some(({ name }) => {
    const patroni = facts(name)?.patroni;
    return patroni?.member?.paused === true || patroni?.dynamicConfig?.["pause"] === true;
  });
}

function whyNot(
  name: string,
  facts: FactsOf,
  leader: string,
  rules: Readonly<Record<string, unknown>>,
): string | undefined {
  const seen = facts(name);
  if (seen === undefined) return "is not seen";
  const { member } = seen.patroni;
  if (member === undefined) return "has a Patroni that does not answer";
  if (member.tags["nofailover"] === true || member.tags["failover_priority"] === 0) return "never leads (nofailover)";
  const standby = facts(leader)?.sql?.replication.find((candidate) => candidate.name === name);
  if (standby?.state !== "streaming") return "does not stream";
  const most = Number(rules["maximum_lag_on_failover"] ?? PATRONI_MAXIMUM_LAG);
  if (standby.lagBytes !== undefined && standby.lagBytes > most)
    return `is ${size(standby.lagBytes)} behind, more than ${size(most)}`;
  const isSynchronous = standby.syncState === undefined || ["sync", "quorum"].includes(standby.syncState);
  return rules["synchronous_mode"] === true && !isSynchronous ? "is not the synchronous standby" : undefined;
}

/** Patroni's own, where the dynamic configuration names none. */
const PATRONI_MAXIMUM_LAG = 1_048_576;
