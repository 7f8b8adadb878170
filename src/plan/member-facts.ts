import type { Reason } from "../reasons.ts";
import type { Look } from "../facts/fact.ts";
import type { DcsFact } from "../facts/dcs/dcs-fact.ts";
import type { DataDirectoryFact, PatroniFact, SqlFact, UnitFact } from "../facts/types.ts";
import type { DcsWords } from "./dcs/words.ts";
import type { Blocker } from "./plan.ts";

/** What says in which life a cluster is. */
export interface MemberFacts {
  readonly dataDirectory: DataDirectoryFact;
  readonly dcs: DcsFact;
  readonly patroni: PatroniFact;
  readonly unit: UnitFact;
  readonly sql: SqlFact | undefined;
}

export interface MembersWish {
  readonly resource: string;
  readonly members: readonly { readonly name: string; readonly address: string }[];
  /** Who was a member when pgha last set it up, and is not listed now, or not where it was. */
  readonly left: readonly { readonly name: string; readonly address: string | undefined }[];
  /** The cluster's name inside Patroni. */
  readonly scope: string;
  readonly unit: string;
  readonly dcs: DcsWords;
  /** Patroni's REST API of a member. */
  readonly restApiUrl: (member: string) => string;
  readonly majorVersion: number;
  readonly dataDirectory: string;
  /** Database system identifier recorded when the cluster was first seen. */
  readonly systemId: string | undefined;
  /** Whether a first bootstrap by pgha was recorded before it was started. */
  readonly bootstrapIntended: boolean;
}

export type FactsOf = (name: string) => MemberFacts | undefined;

export function factsOf(looks: ReadonlyMap<string, Look<MemberFacts>>): FactsOf {
  return (name) => {
    const look = looks.get(name);
    return look?.seen === true ? look.facts : undefined;
  };
}

export function isPrimary(facts: MemberFacts | undefined): boolean {
  const member = facts?.patroni.member;
  return member?.state === "running" && member.role === "primary";
}

/** Whether every commit waits for a synchronous standby that is not there. */
export function commitsHang(sql: SqlFact): boolean {
  const names = sql.health?.synchronousStandbys ?? "";
  return names !== "" && sql.replication.every(({ syncState }) => syncState !== "sync" && syncState !== "quorum");
}

export function isDown(facts: MemberFacts | undefined): boolean {
  return facts !== undefined && !["active", "activating"].includes(facts.unit.activeState);
}

export function knowsCluster(wish: MembersWish, facts: MemberFacts | undefined): boolean {
  const inFirstBootstrap = wish.bootstrapIntended && wish.systemId === undefined;
  return (
    facts !== undefined && (inFirstBootstrap || facts.dataDirectory.class === "valid" || facts.dcs.traces.length > 0)
  );
}

export function blocker(
  wish: MembersWish,
  host: string | undefined,
  reason: Reason,
  why: string,
  wayOut: string,
): Blocker {
  return { resource: wish.resource, ...(host === undefined ? {} : { host }), reason, why, wayOut, scope: "everything" };
}
