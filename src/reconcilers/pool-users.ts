import type { PostgresHACluster } from "../api/index.ts";
import { verifierMatches } from "../credentials/index.ts";
import type { Credentials, Login, SecretWish, Sensitive } from "../credentials/index.ts";
import type { ClusterSecrets } from "./secrets.ts";

type ConsoleUser = "pgbouncerAdmin" | "pgbouncerStats";

/** The roles of a cluster as poolers may know them. */
export interface PoolUsers {
  /**
   * With the verifier that PostgreSQL was seen to hold, or, where none was seen yet, the one it is about to be given.
   */
  readonly users: readonly { readonly name: string; readonly verifier: Sensitive }[];
  /** Those whose password is known to be in force, so that logging in has to work. */
  readonly logins: readonly Login[];
  /** PostgreSQL has another password than the Secret: poolers go on with that one until it was changed. */
  readonly changing: readonly SecretWish[];
  /** PostgreSQL has a password and the Secret is gone: poolers go on with it. */
  readonly gone: readonly SecretWish[];
  /** The same, where the Secret is there and cannot be used. */
  readonly unusable: readonly SecretWish[];
  /** Those of the pooler's console. PostgreSQL does not know them; none that nobody keeps is served either. */
  readonly console: Readonly<Record<ConsoleUser, Sensitive | undefined>>;
  /** Nobody knows a verifier: it is new, or was lost before one was kept. */
  readonly unknown: readonly SecretWish[];
}

/**
 * A pooler never serves a verifier that PostgreSQL was not seen to hold: a password changes in PostgreSQL first, and in
 * every list of users as soon as that was seen, or in neither.
 */
export function poolUsers(cluster: PostgresHACluster, credentials: Credentials, secrets: ClusterSecrets): PoolUsers {
  const { existing, kept, wishes, unusable } = secrets;
  const judged = wishes
    .filter((wish) => wish.purpose === "role" && cluster.spec.roles.some((role) => role.name === wish.username))
    .map((wish) => {
      const login = credentials.roles[wish.username];
      const inForce = kept.inForce.get(wish.username);
      const isThere = existing.has(wish.name);
      if (inForce === undefined && (isThere || !kept.exist)) return { wish, login, verifier: login?.verifier };
      if (inForce === undefined) return { wish, state: "unknown" as const };
      if (!isThere) return { wish, verifier: inForce, state: "gone" as const };
      const isSame = login?.verifier.reveal() === inForce.reveal();
      const fits = isSame || (login !== undefined && verifierMatches(inForce, login.password));
      return {
        wish,
        verifier: inForce,
        ...(fits ? { login } : {}),
        ...(isSame ? {} : { state: "changing" as const }),
      };
    });
  const consoleUser = (purpose: ConsoleUser): Sensitive | undefined => {
    const wish = wishes.find((one) => one.purpose === purpose);
    if (wish === undefined) return undefined;
    // Without an admin there is no pooler: before that Secret is made, nothing of one is touched.
    const isMade = existing.has(wish.name) || !kept.exist || purpose === "pgbouncerAdmin";
    return kept.inForce.get(wish.username) ?? (isMade ? credentials[purpose]?.verifier : undefined);
  };
  const console = { pgbouncerAdmin: consoleUser("pgbouncerAdmin"), pgbouncerStats: consoleUser("pgbouncerStats") };
  const inState = (state: "unknown" | "gone" | "changing"): readonly SecretWish[] =>
    judged.flatMap((one) => (one.state === state ? [one.wish] : []));
  return {
    users: judged.flatMap(({ wish, verifier }) => (verifier === undefined ? [] : [{ name: wish.username, verifier }])),
    logins: judged.flatMap(({ login }) => login ?? []),
    changing: inState("changing"),
    gone: inState("gone").filter((wish) => !unusable.includes(wish)),
    unusable: inState("gone").filter((wish) => unusable.includes(wish)),
    console,
    unknown: [
      ...inState("unknown"),
      ...wishes.filter(({ purpose }) => purpose === "pgbouncerStats" && console.pgbouncerStats === undefined),
    ],
  };
}
