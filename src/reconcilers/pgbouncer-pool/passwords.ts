import type { Blocker, Wait } from "../../plan/plan.ts";
import { goneWayOut } from "../postgres-ha-cluster/role-secrets.ts";
import type { ResolvedPgBouncer } from "./resolve.ts";

/** How long a role's Secret may take to be made, in seconds. */
const PENDING_SECONDS = 180;

/**
 * Roles that do not have their password yet, or no more. Everybody else is served meanwhile, and nobody is locked out.
 */
export function passwordHindrances({ name, users }: ResolvedPgBouncer): {
  readonly blockers: readonly Blocker[];
  readonly waits: readonly Wait[];
} {
  return {
    blockers: [
      ...users.gone.map((wish): Blocker => ({
        resource: name,
        reason: "SecretGone",
        why:
          `the Secret ${wish.name} with the password of the ${wish.title} is gone; clients that know it ` +
          "are served as before",
        wayOut: goneWayOut(wish),
        scope: "disruptive",
      })),
      ...users.unusable.map((wish): Blocker => ({
        resource: name,
        reason: "SecretUnusable",
        why:
          `the Secret ${wish.name} with the password of the ${wish.title} cannot be used; clients that ` +
          "know the former one are served as before",
        wayOut: `See what PostgresHACluster ${wish.cluster} says of it.`,
        scope: "disruptive",
      })),
      ...users.changing.map((wish): Blocker => ({
        resource: name,
        reason: "PasswordPending",
        why:
          `PostgreSQL has not been given the new password of the ${wish.title} yet; until then the ` +
          "former one is served",
        wayOut: `See what holds PostgresHACluster ${wish.cluster}.`,
        scope: "disruptive",
      })),
    ],
    waits: users.unknown.map((wish) => ({
      resource: name,
      reason: "CredentialsPending",
      for: `the Secret ${wish.name} of the ${wish.title}`,
      holds: "record",
      deadlineSeconds: PENDING_SECONDS,
      wayOut: `See what holds PostgresHACluster ${wish.cluster}.`,
    })),
  };
}
