import type { SqlFact } from "../../facts/types.ts";
import type { HeardLeader } from "../../plan/heard-leader.ts";
import { commitsHang } from "../../plan/member-facts.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Finding } from "../../status/conditions.ts";

export interface Leading {
  /** The member that was seen to lead. */
  readonly leader: string | undefined;
  /** The member that leads and that the spec does not list. */
  readonly outsider: string | undefined;
  /** The member that leads as others say, since pgha cannot ask it. */
  readonly heard: HeardLeader | undefined;
  /** The leader's PostgreSQL, where it answers. */
  readonly sql: SqlFact | undefined;
  /** No host could be looked at. */
  readonly isBlind: boolean;
  readonly waits: Plan["waits"];
  /** What the DCS is called. */
  readonly dcs: string;
}

/** Whether clients are served, by what the members say. */
export function availableFinding({ leader, outsider, heard, sql, isBlind, waits, dcs }: Leading): Finding {
  if (outsider !== undefined)
    return { status: "True", reason: "LeaderServes", message: `${outsider} leads, which the spec does not list` };
  if (heard !== undefined) {
    const { name, by } = heard;
    const message = `${name} leads, as ${by === "HAProxy" ? "HAProxy says, which sends writes there" : `${by} say`}`;
    const unasked = "; pgha cannot ask it by itself";
    // HAProxy asks there all the time; what the others say is as old as the leader key may get.
    return by === "HAProxy"
      ? { status: "True", reason: "LeaderServes", message: message + unasked }
      : { status: "Unknown", reason: "LeaderNotSeen", message: message + unasked };
  }
  if (sql !== undefined && commitsHang(sql))
    return {
      status: "False",
      reason: "CommitsWait",
      message: `${leader ?? ""} leads, and every commit waits for a synchronous standby that is not there`,
    };
  if (leader === undefined)
    return {
      status: isBlind ? "Unknown" : "False",
      reason: "NoLeader",
      message: `no member is known to lead${causeOf(waits, dcs)}`,
    };
  return sql === undefined
    ? {
        status: "Unknown",
        reason: "LeaderNotAnswering",
        message: `${leader} leads, as Patroni there says, and PostgreSQL does not answer its superuser`,
      }
    : { status: "True", reason: "LeaderServes", message: `${leader} leads` };
}

/** Why nobody leads, where the members tell. */
function causeOf(waits: Plan["waits"], dcs: string): string {
  return waits.some(({ reason }) => reason === "NoQuorum") ? `: too few ${dcs} nodes see each other` : "";
}
