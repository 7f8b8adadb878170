import { PGBOUNCER } from "../../desired/services.ts";
import type { Plan } from "../../plan/plan.ts";
import { upgradesForStatus } from "../../plan/upgrades.ts";
import { availableOf, rolesAmiss } from "./available.ts";
import { imageOf } from "../container.ts";
import { conditionsOf } from "../../status/conditions.ts";
import { measuredHost } from "../../status/measured.ts";
import type { ResourceStatus } from "../../status/status.ts";
import { summaryStatus } from "../../status/summary.ts";
import type { DesiredPgBouncer } from "./desire.ts";
import { formerInWords } from "./former.ts";
import type { PgBouncerLooks } from "./observe.ts";
import { loginsOf } from "./plan.ts";

/** The observed truth about a PgBouncerPool: who could really log in and write. */
export function reportPgBouncerPool(desired: DesiredPgBouncer, looks: PgBouncerLooks, plan: Plan): ResourceStatus {
  const { pool } = desired.resolved;
  const generation = pool.metadata.generation ?? 0;
  const unseen = [...looks.values()].flatMap((look) => (look.seen ? [] : [look]));
  const hosts = desired.hosts.map((host) => {
    const look = looks.get(host.name);
    if (look?.seen !== true)
      return {
        name: host.name,
        address: host.spec.address,
        state: look?.reason ?? "NotLooked",
        versions: {},
        ...(look === undefined ? {} : { message: look.message }),
      };
    const { pgbouncer, system } = look.facts;
    const logins = loginsOf(looks, host.name);
    const amiss = rolesAmiss(logins);
    const known = `${desired.logins.length - amiss.length} of ${desired.logins.length} roles log in and write`;
    const message = `${known}${amiss.length === 0 ? "" : `, not ${amiss.join(", ")}`}`;
    return {
      name: host.name,
      address: host.spec.address,
      machineId: system.machineId,
      state:
        pgbouncer === undefined
          ? "NotRunning"
          : pgbouncer.paused
            ? "Paused"
            : logins.every((login) => login.ok)
              ? "Serving"
              : "LoginFails",
      versions:
        pgbouncer === undefined ? {} : { pgbouncer: pgbouncer.version, ...imageOf(look.facts.units[PGBOUNCER.unit]) },
      ...upgradesForStatus(host.with(undefined).host, look.facts),
      message: message + formerInWords(pgbouncer?.former),
    };
  });
  const conditions = conditionsOf({
    generation,
    plan,
    unseen,
    hostCount: looks.size,
    domain: {},
    available: availableOf(desired, looks),
  });
  return {
    ...summaryStatus(conditions, plan),
    observedGeneration: generation,
    conditions,
    hosts,
    measured: {
      hosts: [...looks.values()].flatMap((look) =>
        look.seen
          ? [
              measuredHost(
                look.host,
                look.facts.system,
                pool.spec.dataVolume === undefined ? undefined : look.facts.mount,
              ),
            ]
          : [],
      ),
      members: [],
    },
    endpoints: (pool.spec.clientEndpoint === undefined
      ? desired.hosts.map((host) => host.spec.address)
      : [pool.spec.clientEndpoint.host]
    ).map((address) => ({ purpose: "pooled", address, port: pool.spec.clientEndpoint?.port ?? pool.spec.port })),
  };
}
