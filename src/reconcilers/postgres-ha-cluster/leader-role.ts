import type { ClusterFacts } from "./observe.ts";

/**
 * What Patroni calls the leader's role; before 4 it compares with the old word, and takes the new one for another role.
 */
export function leaderRole(facts: ClusterFacts | undefined): "primary" | "master" {
  return Number.parseInt(facts?.patroni.member?.patroniVersion ?? "4", 10) < 4 ? "master" : "primary";
}
