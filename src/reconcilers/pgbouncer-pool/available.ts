import type { LoginFact } from "../../facts/types.ts";
import type { Finding } from "../../status/conditions.ts";
import type { DesiredPgBouncer } from "./desire.ts";
import type { PgBouncerLooks } from "./observe.ts";
import { loginsOf, serves } from "./plan.ts";

/**
 * Whether clients are served now, by what is in force: a pooler that lets one role write serves, though another role is
 * not made yet, or somebody wrote another password into its Secret while clients go on with the one that holds. Where
 * somebody answers and refuses whoever was tried, nobody can tell.
 */
export function availableOf(desired: DesiredPgBouncer, looks: PgBouncerLooks): Finding {
  const names = desired.hosts.map(({ name }) => name);
  const serving = names.filter((name) => serves(looks, name, desired.logins.length > 0));
  const amiss = [...new Set(names.flatMap((name) => rolesAmiss(loginsOf(looks, name))))];
  if (serving.length > 0) {
    const message = `${serving.length} of ${names.length} poolers answer a real login`;
    const but = amiss.length === 0 ? "" : `; a login of ${amiss.join(", ")} fails, with the password in its Secret`;
    return { status: "True", reason: "Serving", message: message + but };
  }
  if (names.some((name) => refusesEverybody(loginsOf(looks, name)))) {
    const message = `the poolers answer, and refuse ${amiss.join(", ")}: whether others are served could not be tried`;
    return { status: "Unknown", reason: "LoginFails", message };
  }
  return {
    status: [...looks.values()].every((look) => !look.seen) ? "Unknown" : "False",
    reason: "NotServing",
    message: "no pooler lets a role log in and write",
  };
}

/** The roles whose own login is not as it should be there. */
export function rolesAmiss(logins: readonly LoginFact[]): readonly string[] {
  const own = logins.filter(({ purpose, ok }) => !ok && (purpose === "write" || purpose === "direct"));
  return [...new Set(own.map(({ role }) => role))];
}

function refusesEverybody(logins: readonly LoginFact[]): boolean {
  const writes = logins.filter(({ purpose }) => purpose === "write");
  return writes.length > 0 && writes.every(({ refused }) => refused === true);
}
