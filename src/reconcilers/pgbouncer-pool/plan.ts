import type { Look } from "../../facts/fact.ts";
import type { LoginFact } from "../../facts/types.ts";
import { mergeFindings } from "../../plan/findings.ts";
import { planHost } from "../../plan/host.ts";
import type { Plan, Step, Wait } from "../../plan/plan.ts";
import { shippedPgBouncer, supportsPreparedStatements } from "../../render/pgbouncer-version.ts";
import { hostFacts } from "../host-questions.ts";
import { poolPreflight } from "../pool-preflight.ts";
import type { DesiredPgBouncer, DesiredPooler, VersionedPooler } from "./desire.ts";
import { heldPools } from "./held.ts";
import { PGBOUNCER_UNIT } from "./layout.ts";
import { passwordHindrances } from "./passwords.ts";
import type { PgBouncerFacts, PgBouncerLooks } from "./observe.ts";

/** A failover takes its time, and logins fail while it does. */
const LOGIN_SECONDS = 180;

/** What would be done about a PgBouncerPool. Pure. */
export function planPgBouncerPool(desired: DesiredPgBouncer, looks: PgBouncerLooks): Plan {
  const { name, pool, recorded, warnings } = desired.resolved;
  const serving = desired.hosts.some((host) =>
    loginsOf(looks, host.name).some((login) => login.purpose === "write" && login.ok),
  );
  const checks = mergeFindings(
    desired.hosts.map((host) =>
      poolPreflight(
        {
          resource: name,
          namespace: pool.metadata.namespace,
          host: host.spec,
          dataVolume: pool.spec.dataVolume,
          recorded,
          serving,
          ports: [{ port: pool.spec.port, purpose: "PgBouncer", unit: PGBOUNCER_UNIT }],
        },
        looks.get(host.name) ?? { seen: false, host: host.name, reason: "NotLooked", message: "it was not looked at" },
      ),
    ),
  );
  const passwords = passwordHindrances(desired.resolved);
  const perHost = desired.hosts.map((host) => planPooler(desired, host, looks));
  return {
    steps: perHost.flatMap((plan) => plan.steps),
    waits: [...passwords.waits, ...perHost.flatMap((plan) => plan.waits)],
    blockers: [
      ...checks.blockers,
      ...passwords.blockers,
      ...desired.hosts.flatMap((host) => heldPools(desired, host, consoleOf(looks, host.name))),
    ],
    warnings: [...warnings, ...checks.warnings, ...preparedStatementWarnings(desired, looks)],
  };
}

function planPooler(
  desired: DesiredPgBouncer,
  pooler: DesiredPooler,
  looks: PgBouncerLooks,
): { readonly steps: readonly Step[]; readonly waits: readonly Wait[] } {
  const look = looks.get(pooler.name);
  if (look?.seen !== true) return { steps: [], waits: [] };
  const { name } = desired.resolved;
  const { facts } = look;
  const wanted = pooler.with(versionOn(facts));
  const away = desired.hosts.map((host) => host.name).filter((host) => !runs(looks.get(host)));
  const service = serviceStep(name, pooler.name, wanted, facts, away);
  const steps = [
    ...planHost(name, wanted.host, hostFacts(wanted.host, facts)),
    ...(service === undefined ? [] : [service]),
  ];
  if (steps.length > 0) return { steps, waits: [] };
  const failed = facts.logins.filter((login) => !login.ok);
  return { steps, waits: failed.length === 0 ? [] : [loginWait(name, pooler.name, failed)] };
}

/** Start, restart, reload, or nothing, by what runs. PgBouncer's reload keeps every session; addresses take a restart. */
function serviceStep(
  resource: string,
  host: string,
  wanted: VersionedPooler,
  facts: PgBouncerFacts,
  away: readonly string[],
): Step | undefined {
  const base = { resource, host, stage: "services" } as const;
  if (!isActive(facts)) {
    return {
      ...base,
      id: `${host}/${resource}/start ${PGBOUNCER_UNIT}`,
      impact: "none",
      change: { kind: "start-unit", unit: PGBOUNCER_UNIT },
      because: "it is not running",
    };
  }
  const loaded = facts.pgbouncer?.config ?? {};
  const fixed = Object.entries(wanted.restartSettings).find(
    ([setting, value]) => loaded[setting] !== undefined && loaded[setting] !== value,
  );
  if (fixed !== undefined) {
    return {
      ...base,
      id: `${host}/${resource}/restart ${PGBOUNCER_UNIT}`,
      impact: "restart",
      change: { kind: "restart-unit", unit: PGBOUNCER_UNIT },
      because: `${fixed[0]} changes, which takes a restart`,
      budget: { group: resource, atMost: 1, away },
    };
  }
  if (loaded["syslog_ident"] === wanted.loadedMark) return undefined;
  return {
    ...base,
    id: `${host}/${resource}/reload ${PGBOUNCER_UNIT}`,
    impact: "reload",
    change: { kind: "reload-unit", unit: PGBOUNCER_UNIT },
    because: "it runs with another configuration than the spec asks for",
    // One first: what it refuses, the others need not be asked.
    budget: { group: resource, atMost: 1, away: [] },
  };
}

function isActive(facts: PgBouncerFacts): boolean {
  return facts.units[PGBOUNCER_UNIT]?.activeState === "active";
}

/** Whether a pooler serves as far as one can see, so that another may be taken out of service. */
function runs(look: Look<PgBouncerFacts> | undefined): boolean {
  return look?.seen === true && isActive(look.facts);
}

/** An old PgBouncer breaks prepared statements with transaction pooling, whatever the spec asks for. */
function preparedStatementWarnings(desired: DesiredPgBouncer, looks: PgBouncerLooks): Plan["warnings"] {
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
            message: `PgBouncer ${version} does not track prepared statements (1.21 is the first that does): drivers must not use them with poolMode ${pool.spec.poolMode}`,
          },
        ];
  });
}

/** The version that is installed, or that the host's release will install. */
function versionOn(facts: PgBouncerFacts): string | undefined {
  return facts.packages["pgbouncer"] ?? shippedPgBouncer(facts.system.codename);
}

function loginWait(resource: string, host: string, failed: readonly LoginFact[]): Wait {
  const [first] = failed;
  const what: Record<LoginFact["purpose"], string> = {
    write: "to write through the pooler",
    read: "to read from a replica",
    "wrong-password": "to be refused with a wrong password",
  };
  const which = failed.map((login) => `${login.role} ${what[login.purpose]}`).join(", ");
  return {
    resource,
    host,
    reason: "LoginFails",
    for: `${which} on ${host}${first?.error === undefined ? "" : ` (${first.error})`}`,
    holds: "services",
    deadlineSeconds: LOGIN_SECONDS,
    wayOut: `On ${host}: journalctl -u ${PGBOUNCER_UNIT}. If it is the password: the Secret, the role in PostgreSQL and the userlist must have the same verifier; a run of apply sets all three.`,
  };
}

function consoleOf(looks: PgBouncerLooks, host: string): PgBouncerFacts["pgbouncer"] {
  const look = looks.get(host);
  return look?.seen === true ? look.facts.pgbouncer : undefined;
}

export function loginsOf(looks: PgBouncerLooks, host: string): readonly LoginFact[] {
  const look = looks.get(host);
  return look?.seen === true ? look.facts.logins : [];
}
