import type { HAProxyPool, PgBouncerPool, PostgresHACluster } from "../api/index.ts";
import type { ControllerChange } from "../changes/table.ts";
import {
  desiredSecrets,
  isOfPooler,
  isRestorable,
  keptVerifiers,
  madeFor,
  plannedSecrets,
  refreshedSecrets,
  resolveCredentials,
  secretsPlan,
  SYSTEM_ID,
} from "../credentials/index.ts";
import type { Credentials, KeptVerifiers, SecretDocument, SecretWish, SecretsByName } from "../credentials/index.ts";
import { formatProblem } from "../errors.ts";
import type { Problem } from "../errors.ts";
import { NOTICES, noticing } from "../plan/notices.ts";
import type { Notice } from "../plan/notices.ts";
import type { Blocker, Step, Warning } from "../plan/plan.ts";
import { keptProblems } from "./kept-problems.ts";
import { leadElsewhere } from "./lead-elsewhere.ts";
import { rotations } from "./rotations.ts";

/** The accounts of one cluster, as they are or as they would be once the steps were taken. */
export interface ClusterSecrets {
  /** Undefined only when a Secret that exists cannot be used; `blockers` say which and why. */
  readonly credentials: Credentials | undefined;
  readonly steps: readonly Step[];
  readonly blockers: readonly Blocker[];
  readonly warnings: readonly Warning[];
  readonly wishes: readonly SecretWish[];
  /** Those that exist and can be used, with what counts of them. */
  readonly existing: SecretsByName;
  /** What those are for that exist and cannot be used. */
  readonly unusable: readonly SecretWish[];
  /** What pgha keeps of its own about them. */
  readonly kept: KeptVerifiers;
  /** Secrets that lost what follows from the rest of them: given back without anybody noticing. */
  readonly restorable: readonly {
    readonly wish: SecretWish;
    readonly before: SecretDocument;
    readonly after: SecretDocument;
  }[];
  /** System identifiers of the data whose passwords are in the Secrets that pgha made. */
  readonly ofData: ReadonlySet<string>;
}

type SecretStep = Extract<ControllerChange, { readonly kind: "write-secret" }>;

const NOTICED: Readonly<Record<SecretStep["how"], readonly Notice[]>> = {
  generate: [],
  complete: [],
  renew: [NOTICES.secretLeadsElsewhere()],
  rotate: [NOTICES.secretChanged()],
};

/**
 * Compares the Secrets a cluster and its pools want with those that exist. What a plan would generate is generated
 * here to see what follows from it, and forgotten: the step makes its own. `rotate` names the roles for which a person
 * asked for a new password.
 */
export function clusterSecrets(
  cluster: PostgresHACluster,
  pools: { readonly haproxy: readonly HAProxyPool[]; readonly pgbouncer: readonly PgBouncerPool[] },
  stored: SecretsByName,
  rotate: readonly string[] = [],
): ClusterSecrets {
  const resource = `PostgresHACluster/${cluster.metadata.name}`;
  const wishes = desiredSecrets(cluster, pools);
  const kept = keptVerifiers(cluster.metadata.name, stored);
  const present = refreshedSecrets(wishes, stored, kept);
  // What only the members have says of itself whether it is in force; Patroni has its passwords from when there is
  // data.
  const isHeld = ({ purpose, username }: SecretWish): boolean =>
    purpose === "role" || isOfPooler(purpose) ? kept.inForce.has(username) : kept.exist;
  const plan = secretsPlan(wishes, present, isHeld);
  const unusable = plan.unusable.map(({ wish }) => wish);
  const existing = new Map([...present].filter(([name]) => !unusable.some((wish) => wish.name === name)));
  const step = (wish: SecretWish, how: SecretStep["how"], because: string): Step => ({
    id: `controller/${resource}/secret ${wish.name}`,
    resource,
    host: undefined,
    stage: "record",
    ...noticing("none", NOTICED[how]),
    change: { kind: "write-secret", secret: wish.name, purpose: wish.title, how },
    because,
  });
  const asked = rotations(cluster, wishes, present, rotate);
  const isAsked = ({ name }: SecretWish): boolean => asked.wishes.some((wish) => wish.name === name);
  const withPlanned = new Map([
    ...existing,
    ...plannedSecrets(plan, existing, kept).map((secret) => [secret.name, secret] as const),
  ]);
  const blocker = (problem: Problem, scope: Blocker["scope"]): Blocker => ({
    resource,
    reason: "SecretUnusable",
    why: formatProblem({ ...problem, wayOut: "" }).replace(/\s*way out: $/, ""),
    wayOut: problem.wayOut ?? "Mend the Secret.",
    scope,
  });
  const lacking = (missing: readonly string[]): string => `it lacks ${missing.join(", ")}`;
  return {
    credentials: resolveCredentials(cluster, withPlanned),
    steps: [
      ...plan.create.filter((wish) => !isAsked(wish)).map((wish) => step(wish, "generate", "it does not exist")),
      ...asked.wishes.map((wish) => step(wish, "rotate", "a new password was asked for")),
      ...plan.complete
        .filter(({ wish }) => !isAsked(wish))
        .map(({ wish, missing }) =>
          step(
            wish,
            "complete",
            stored.get(wish.name)?.data["verifier"] !== undefined && missing.includes("verifier")
              ? "its password was changed"
              : lacking(missing),
          ),
        ),
      ...plan.renew
        .filter(({ wish }) => !isAsked(wish))
        .map(({ wish, missing, leads }) =>
          step(wish, "renew", `it leads ${leads}${missing.length === 0 ? "" : `, and lacks ${missing.join(", ")}`}`),
        ),
    ],
    blockers: [
      ...plan.unusable
        .filter(({ wish }) => !isAsked(wish))
        .flatMap(({ wish, problems }) => {
          // Who logs in with the password that is in force goes on, in PostgreSQL and the poolers; so does all else.
          const isOwn = wish.purpose !== "role" && !isOfPooler(wish.purpose);
          return problems.map((problem) => blocker(problem, isOwn || !isHeld(wish) ? "everything" : "disruptive"));
        }),
      ...[...plan.problems, ...keptProblems(wishes, stored, existing, kept)].map((one) => blocker(one, "everything")),
    ],
    warnings: [
      ...asked.warnings.map((message): Warning => ({ resource, reason: "RotationRefused", message })),
      ...leadElsewhere(cluster, wishes, stored, existing, kept),
    ],
    wishes,
    existing,
    unusable,
    kept,
    restorable: wishes.flatMap((wish) => {
      const [before, after] = [stored.get(wish.name), existing.get(wish.name)];
      const isPlanned = [...plan.complete, ...plan.renew].some((one) => one.wish === wish);
      return before === undefined || after === undefined || isPlanned || !isRestorable(wish, before, after, kept)
        ? []
        : [{ wish, before, after }];
    }),
    ofData: new Set(
      wishes.flatMap(({ name }) => {
        const secret = existing.get(name);
        const marked = secret?.annotations[SYSTEM_ID];
        return secret === undefined || marked === undefined || madeFor(secret) !== cluster.metadata.name
          ? []
          : [marked];
      }),
    ),
  };
}
