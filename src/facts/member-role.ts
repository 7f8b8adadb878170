import type { MemberRole } from "./types.ts";

/** Every name Patroni has had for a role, in /patroni and /cluster, since 1.x (case F80). */
export function memberRole(said: unknown): MemberRole {
  switch (typeof said === "string" ? said.toLowerCase().replaceAll(" ", "_") : "") {
    case "leader":
    case "primary":
    case "master":
      return "primary";
    case "replica":
    case "standby":
      return "replica";
    case "sync_standby":
    case "quorum_standby":
      return "sync_standby";
    case "standby_leader":
      return "standby_leader";
    default:
      return "unknown";
  }
}
