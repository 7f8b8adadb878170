import type { LoginFact, SqlRoleFact } from "../../src/facts/types.ts";
import { formerFact } from "./model-former.ts";
import type { ModelHost } from "./model-host.ts";
import { writesTo } from "./model-proxy.ts";
import type { ModelWorld } from "./model-world.ts";
import { sha256Of } from "./read-once.ts";
import { PGBOUNCER } from "./model-units.ts";

export function poolerFacts(model: ModelWorld, host: ModelHost): object {
  const ini = host.loadedMatch(PGBOUNCER, "/etc/pgha/pgbouncer/pgbouncer.ini", /^([^]*)$/);
  const [cluster] = model.stack.clusters;
  const roles = (cluster?.spec.roles ?? []).filter(({ login }) => login).map(({ name }) => name);
  const leader = cluster === undefined ? undefined : model.leader(cluster);
  const isLed = leader !== undefined && host.paused === undefined && writesTo(model, host).join() === leader.name;
  return {
    pgbouncer:
      ini === undefined
        ? undefined
        : {
            version: "1.24.1",
            ...configOf(host, ini),
            paused: host.paused !== undefined,
            held: host.paused === undefined ? [] : [{ how: "paused" }],
            ...(host.paused?.by === "pgha" ? { leased: true } : {}),
            ...formerFact(host),
          },
    logins: modelLogins(host, roles, model.roles, isLed),
  };
}

/**
 * Logins through a pooler as a real one lets them in: it knows the verifiers of the userlist that it loaded, passes on
 * what the client proved, and PostgreSQL has to have the same one; so there has to be a leader, and a proxy that leads
 * there.
 */
export function modelLogins(
  host: ModelHost,
  roles: readonly string[],
  known: readonly SqlRoleFact[],
  isLed: boolean,
): readonly LoginFact[] {
  const userlist = host.loaded.get("pgha-pgbouncer.service")?.get("/etc/pgha/pgbouncer/userlist.txt") ?? "";
  const verifiers = new Map(
    [...userlist.matchAll(/^"(.*)" "(.*)"$/gm)].map(([, name, verifier]) => [name ?? "", verifier ?? ""]),
  );
  const isUp = host.active.has("pgha-pgbouncer.service") && host.active.has("pgha-haproxy.service") && isLed;
  return roles.map((role): LoginFact => {
    const digest = sha256Of(verifiers.get(role) ?? "");
    const ok =
      isUp && known.some(({ name, login, verifierDigest }) => name === role && login && verifierDigest === digest);
    return { role, database: role, purpose: "write", ok, ...(ok ? {} : { error: "it did not answer" }) };
  });
}

/** SHOW CONFIG, with PgBouncer's own default for what is fixed at its start. */
export function configOf(host: ModelHost, ini: string): object {
  const settings = (text: string): Readonly<Record<string, string>> =>
    Object.fromEntries([...text.matchAll(/^(\w+) = (.*)$/gm)].map(([, key = "", value = ""]) => [key, value]));
  const atStart = settings(
    host.startedWith.get("pgha-pgbouncer.service")?.get("/etc/pgha/pgbouncer/pgbouncer.ini") ?? "",
  );
  const fixed = Object.fromEntries(host.fixedSettings.map((name) => [name, "4096"]));
  const frozen = Object.fromEntries(host.fixedSettings.map((name) => [name, atStart[name] ?? "4096"]));
  const users = (host.files.get("/etc/pgha/pgbouncer/userlist.txt")?.content ?? "").matchAll(/^"([^"]*)"/gm);
  return {
    databases: [...ini.matchAll(/^(\S+) = host=/gm)].map(([, database]) => database),
    users: [...users].map(([, user]) => user),
    config: { ...settings(ini), ...frozen, ...host.runsWith },
    fixed,
  };
}
