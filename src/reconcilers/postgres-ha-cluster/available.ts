import type { SqlFact } from "../../facts/types.ts";
import { commitsHang } from "../../plan/member-facts.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Finding } from "../../status/conditions.ts";

export interface Leading {
  /** The member that was seen to lead. */
  readonly leader: string | undefined;
  /** The member that leads and that the spec does not list. */
  readonly outsider: string | undefined;
  /** The member that leads as the others say, since pgha cannot look at it. */
  readonly heard: string | undefined;
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
  if (heard !== undefined)
    return {
      status: "Unknown",
      reason: "LeaderNotSeen",
      message: `${heard} leads, as the other members say; pgha cannot look at it by itself`,
    };
  if (sql !== undefined && commitsHang(sql))
    return {
      status: "False",
      reason: "CommitsWait",
      message: `${leader ?? ""} leads, and every commit waits for a synchronous standby that is not there`,
    };
  return sql === undefined
    ? {
        status: isBlind ? "Unknown" : "False",
        reason: "NoLeader",
        message: `no member is known to lead${causeOf(waits, dcs)}`,
      }
    : { status: "True", reason: "LeaderServes", message: `${leader ?? ""} leads` };
}

/** Why nobody leads, where the members tell. */
function causeOf(waits: Plan["waits"], dcs: string): string {
  return waits.some(({ reason }) => reason === "NoQuorum") ? `: too few ${dcs} nodes see each other` : "";
}
