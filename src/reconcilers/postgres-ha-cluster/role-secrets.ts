import type { ControllerChange } from "../../changes/table.ts";
import { askForAnother } from "../../credentials/index.ts";
import type { SecretWish } from "../../credentials/index.ts";
import type { MembersPlan } from "../../plan/members.ts";
import type { Blocker, Step, Warning } from "../../plan/plan.ts";
import type { DesiredCluster } from "./desire.ts";
import { hasData } from "./lost-secrets.ts";
import type { ClusterLooks } from "./observe.ts";

/** What may be done about the Secrets of roles, by what PostgreSQL says of the roles. */
export interface RoleSecrets {
  readonly steps: readonly Step[];
  /** Roles whose password nobody knows any more: PostgreSQL keeps the one it has. */
  readonly gone: ReadonlySet<string>;
  readonly blockers: readonly Blocker[];
  readonly warnings: readonly Warning[];
}

/**
 * A Secret that is missing while its role is in PostgreSQL is not made anew: whoever logs in with the password that was
 * in it would be locked out. Nor while PostgreSQL cannot be asked. A new password is a person's decision, and is made
 * only when PostgreSQL can be given it.
 */
export function roleSecrets(desired: DesiredCluster, looks: ClusterLooks, life: MembersPlan): RoleSecrets {
  const { secretSteps, secretWishes, secrets, name } = desired.resolved;
  const look = life.leader === undefined ? undefined : looks.get(life.leader);
  const roles = look?.seen === true ? look.facts.sql?.roles : undefined;
  const judged = secretSteps.map((step): Judged => {
    const how = (step.change as SecretStep).how;
    const wish = secretWishes.find(({ name: secret }) => secret === (step.change as SecretStep).secret);
    if (wish?.purpose !== "role" || (how !== "generate" && how !== "rotate")) return { step };
    if (how === "rotate") return roles === undefined ? { later: wish } : { step };
    if (roles !== undefined) {
      const isLiving = (roles.find((role) => role.name === wish.username)?.verifierDigest ?? "") !== "";
      return isLiving ? { gone: wish } : { step };
    }
    if (!hasData(desired, looks)) return { step };
    return secrets.kept.inForce.has(wish.username) || !secrets.kept.exist ? { gone: wish } : { later: wish };
  });
  return {
    steps: judged.flatMap(({ step }) => step ?? []),
    gone: new Set([...secrets.unusable, ...judged.flatMap(({ gone }) => gone ?? [])].map(({ username }) => username)),
    blockers: judged.flatMap(({ gone }) => (gone === undefined ? [] : [secretGone(desired, gone)])),
    warnings: judged.flatMap(({ later }) =>
      later === undefined
        ? []
        : [
            {
              resource: name,
              reason: "SecretsPending",
              message: `the Secret ${later.name} gets its new password once the leader's PostgreSQL can be asked`,
            },
          ],
    ),
  };
}

/** A new password is not even made while PostgreSQL would not be given it: what belongs together is done together. */
export function withoutHalves(
  steps: readonly Step[],
  blockers: readonly Blocker[],
  leader: string | undefined,
): readonly Step[] {
  const isHeld = blockers.some(
    ({ scope, host }) => scope === "everything" || (scope === "host" && (host === undefined || host === leader)),
  );
  return isHeld ? steps.filter(({ change }) => change.kind !== "write-secret" || change.how !== "rotate") : steps;
}

type SecretStep = Extract<ControllerChange, { readonly kind: "write-secret" }>;

interface Judged {
  readonly step?: Step;
  readonly gone?: SecretWish;
  readonly later?: SecretWish;
}

/** It holds next to nothing, unless poolers cannot be told which verifier to go on with. */
function secretGone({ resolved: { name, secrets } }: DesiredCluster, wish: SecretWish): Blocker {
  return {
    resource: name,
    reason: "SecretGone",
    why:
      `the Secret ${wish.name} with the password of the ${wish.title} is gone, and the role is in ` +
      "PostgreSQL with that password; a new one would lock out who uses it",
    wayOut: goneWayOut(wish),
    scope: secrets.kept.inForce.has(wish.username) ? "disruptive" : "everything",
  };
}

export function goneWayOut(wish: SecretWish): string {
  return `Put the Secret ${wish.name} back. Or ${askForAnother(wish)}`;
}
