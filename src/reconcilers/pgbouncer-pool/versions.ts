import { PGBOUNCER_SETTINGS } from "../../api/index.ts";
import type { Blocker, Plan } from "../../plan/plan.ts";
import { isAtLeast, shippedPgBouncer, supportsPreparedStatements } from "../../render/pgbouncer-version.ts";
import type { DesiredPgBouncer } from "./desire.ts";
import type { PgBouncerFacts, PgBouncerLooks } from "./observe.ts";

/** A setting that the PgBouncer of a host is too old for. */
export function tooNewSettings(desired: DesiredPgBouncer, looks: PgBouncerLooks, serving: boolean): readonly Blocker[] {
  const { name, pool } = desired.resolved;
  return desired.hosts.flatMap((host): readonly Blocker[] => {
    const look = looks.get(host.name);
    const version = look?.seen === true ? versionOn(look.facts) : undefined;
    return Object.keys(pool.spec.parameters).flatMap((setting) => {
      const since = PGBOUNCER_SETTINGS.get(setting)?.since;
      if (since === undefined || version === undefined || isAtLeast(version, since)) return [];
      return [
        {
          resource: name,
          host: host.name,
          reason: "SettingTooNew",
          why:
            `spec.parameters.${setting} came with PgBouncer 1.${since}, and this host has ${version}, ` +
            "which would not start with it",
          wayOut: `Take ${setting} out of the pool, or install a newer PgBouncer on the host.`,
          scope: serving ? "host" : "everything",
        } as const,
      ];
    });
  });
}

/** An old PgBouncer breaks prepared statements with transaction pooling, whatever the spec asks for. */
export function preparedStatementWarnings(desired: DesiredPgBouncer, looks: PgBouncerLooks): Plan["warnings"] {
  const { name, pool } = desired.resolved;
  if (pool.spec.poolMode === "session" || pool.spec.maxPreparedStatements === 0) return [];
  return desired.hosts.flatMap((host): Plan["warnings"] => {
    const look = looks.get(host.name);
    const version = look?.seen === true ? versionOn(look.facts) : undefined;
    return version === undefined || supportsPreparedStatements(version)
      ? []
      : [
          {
            resource: name,
            host: host.name,
            reason: "NoPreparedStatements",
            message:
              `PgBouncer ${version} does not track prepared statements (1.21 is the first that does): ` +
              `drivers must not use them with poolMode ${pool.spec.poolMode}`,
          },
        ];
  });
}

/** The version that is installed, or that the host's release will install; of one in a container, the image's. */
export function versionOn(facts: PgBouncerFacts): string | undefined {
  if (facts.image !== undefined) return facts.image.inside?.version;
  return facts.packages["pgbouncer"] ?? shippedPgBouncer(facts.system.codename);
}
