import type { Kind } from "../api/index.ts";
import type { Change } from "../changes/table.ts";
import type { Blocker, Plan } from "../plan/plan.ts";
import { list } from "../text/words.ts";
import { clusterOfPool } from "./pools-word.ts";
import type { Reconcilable } from "./reconciler.ts";
import type { World } from "./world.ts";

/**
 * The plan of a cluster beside those of the poolers that lead to it. They let in by the password that PostgreSQL has,
 * and are told of a new one once it has that. While nobody may tell them, PostgreSQL keeps the old one: else nobody
 * could log in through them, with either. `held`: poolers that are held as a whole, and why.
 */
export function withPoolers(plan: Plan, held: string | undefined): Plan {
  const changing = plan.steps.filter(({ change }) => changesPassword(change));
  const [first] = changing;
  if (held === undefined || first === undefined) return plan;
  const roles = list([...new Set(changing.map(({ change }) => roleOf(change)))]);
  return {
    ...plan,
    steps: plan.steps.filter((step) => !changing.includes(step)),
    blockers: [
      ...plan.blockers,
      {
        resource: first.resource,
        scope: "nothing",
        reason: "PoolersBlocked",
        why: `the new password of ${roles} waits, since poolers could not be told of it: ${held}`,
        wayOut: "Mend that; then this goes on by itself. Until then the password before is in force everywhere.",
      },
    ],
  };
}

/** Why the poolers of a cluster, if it is one, cannot be told anything; undefined while they can. */
export function heldPoolers(
  { name: cluster, resource }: Reconcilable,
  reconcilables: readonly Reconcilable[],
  plans: ReadonlyMap<string, Plan>,
  world: World,
): string | undefined {
  if (resource.kind !== "PostgresHACluster") return undefined;
  const built = new Map(reconcilables.map((one) => [one.name, one.resource]));
  const held = [...plans].map(([name, plan]) => {
    const own = built.get(name);
    const isOurs = own === undefined || clusterOfPool(own) === cluster;
    return name.startsWith(POOLERS) && isOurs ? whyHeld(name, plan, own && world.handsOff?.(own)) : undefined;
  });
  return held.find((why) => why !== undefined);
}

const POOLERS = `${"PgBouncerPool" satisfies Kind}/`;

/** What holds poolers as a whole, in words; not that they wait until PostgreSQL has a password. */
function whyHeld(resource: string, { blockers }: Plan, handsOff: string | undefined): string | undefined {
  if (handsOff !== undefined) return `${resource} is left alone (${handsOff})`;
  const found = blockers.find((blocker) => holdsAll(blocker) && blocker.reason !== "PasswordPending");
  return found === undefined ? undefined : `${resource} is held (${found.reason}: ${found.why})`;
}

function holdsAll({ scope }: Blocker): boolean {
  return scope === "everything" || scope === "resource";
}

function changesPassword(change: Change): boolean {
  return (
    (change.kind === "alter-role" && change.setVerifier) || (change.kind === "write-secret" && change.how === "rotate")
  );
}

function roleOf(change: Change): string {
  return change.kind === "alter-role" ? change.role.name : change.kind === "write-secret" ? change.secret : "";
}
