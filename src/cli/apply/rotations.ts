import type { PostgresHACluster } from "../../api/index.ts";
import { PghaError } from "../../errors.ts";
import type { Rotations } from "../../reconcilers/world.ts";
import type { Stack } from "../../reconcilers/stack.ts";
import { list } from "../../text/words.ts";

/** What --rotate asks for: `ROLE` of the one cluster that declares it, or `CLUSTER/ROLE`. */
export interface AskedRotations extends Rotations {
  /** Those that no new password was made for. */
  readonly unmet: () => readonly string[];
}

/** Throws PghaError for what is no role that logs in, before anything is looked at. */
export function askedRotations(stack: Stack, asked: readonly string[]): AskedRotations {
  const open = new Map(stack.clusters.map((cluster) => [cluster.metadata.name, new Set<string>()]));
  for (const text of asked.flatMap((entry) => entry.split(",")).map((entry) => entry.trim())) {
    if (text === "") continue;
    const [cluster, role] = placeOf(stack, text);
    open.get(cluster)?.add(role);
  }
  const rolesOf = (cluster: PostgresHACluster): Set<string> => open.get(cluster.metadata.name) ?? new Set();
  return {
    asked: (cluster) => [...rolesOf(cluster)],
    done: async (cluster, role) => void rolesOf(cluster).delete(role),
    unmet: () => [...open.values()].flatMap((roles) => [...roles]),
  };
}

function placeOf({ clusters }: Stack, text: string): readonly [cluster: string, role: string] {
  const [role = "", cluster] = text.split("/").toReversed();
  const candidates = clusters.filter(({ metadata }) => cluster === undefined || metadata.name === cluster);
  const having = candidates.filter(({ spec }) => spec.roles.some(({ name, login }) => name === role && login));
  const [only] = having;
  if (only !== undefined && having.length === 1) return [only.metadata.name, role];
  const roles = candidates.flatMap(({ spec }) => spec.roles.filter(({ login }) => login).map(({ name }) => name));
  throw having.length > 1
    ? refused(
        `--rotate ${text}: ${list(having.map(({ metadata }) => metadata.name))} both have a role ${role}`,
        `write --rotate ${having[0]?.metadata.name ?? ""}/${role}`,
      )
    : refused(
        `--rotate ${text}: the manifest has no role ${role} that logs in`,
        roles.length === 0 ? "declare it under spec.roles first" : `name one of ${list(roles)}`,
      );
}

function refused(message: string, wayOut: string): PghaError {
  return new PghaError(message, { reason: "NoSuchRole", retry: "never", wayOut });
}
