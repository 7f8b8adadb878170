import type { HAProxyPool, PgBouncerPool, PostgresHACluster } from "../api/index.ts";
import type { ControllerChange } from "../changes/change.ts";
import {
  desiredSecrets,
  madeFor,
  plannedSecrets,
  resolveCredentials,
  secretsPlan,
  SYSTEM_ID,
} from "../credentials/index.ts";
import type { Credentials, SecretWish, SecretsByName } from "../credentials/index.ts";
import { formatProblem } from "../errors.ts";
import type { Blocker, Step } from "../plan/plan.ts";

/** The accounts of one cluster, as they are or as they would be once the steps were taken. */
export interface ClusterSecrets {
  /** Undefined only when a Secret that exists cannot be used; `blockers` say which and why. */
  readonly credentials: Credentials | undefined;
  readonly steps: readonly Step[];
  readonly blockers: readonly Blocker[];
  readonly wishes: readonly SecretWish[];
  /** System identifiers of the data whose passwords are in the Secrets that pgha made. */
  readonly ofData: ReadonlySet<string>;
}

type SecretStep = Extract<ControllerChange, { readonly kind: "write-secret" }>;

/**
 * Compares the Secrets a cluster and its pools want with those that exist. What a plan would generate is generated
 * here to see what follows from it, and forgotten: the step makes its own.
 */
export function clusterSecrets(
  cluster: PostgresHACluster,
  pools: { readonly haproxy: readonly HAProxyPool[]; readonly pgbouncer: readonly PgBouncerPool[] },
  existing: SecretsByName,
): ClusterSecrets {
  const resource = `PostgresHACluster/${cluster.metadata.name}`;
  const wishes = desiredSecrets(cluster, pools);
  const plan = secretsPlan(wishes, existing);
  const step = (wish: SecretWish, how: SecretStep["how"], because: string): Step => ({
    id: `controller/${resource}/secret ${wish.name}`,
    resource,
    host: undefined,
    stage: "record",
    impact: "none",
    change: { kind: "write-secret", secret: wish.name, purpose: wish.title, how },
    because,
  });
  const withPlanned = new Map([
    ...existing,
    ...plannedSecrets(plan, existing).map((secret) => [secret.name, secret] as const),
  ]);
  return {
    credentials: resolveCredentials(cluster, withPlanned),
    steps: [
      ...plan.create.map((wish) => step(wish, "generate", "it does not exist")),
      ...plan.complete.map(({ wish, missing }) => step(wish, "complete", `it lacks ${missing.join(", ")}`)),
      ...plan.renew.map(({ wish, missing, leads }) =>
        step(wish, "renew", `it leads ${leads}${missing.length === 0 ? "" : `, and lacks ${missing.join(", ")}`}`),
      ),
    ],
    blockers: plan.problems.map((problem) => ({
      resource,
      reason: "SecretUnusable",
      why: formatProblem({ ...problem, wayOut: "" }).replace(/\s*way out: $/, ""),
      wayOut: problem.wayOut ?? "Mend the Secret.",
      scope: "everything" as const,
    })),
    wishes,
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
