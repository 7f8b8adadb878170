import { PGBOUNCER } from "../../desired/services.ts";
import type { LoginFact } from "../../facts/types.ts";
import { mergeFindings, NO_FINDINGS } from "../../plan/findings.ts";
import { planHost } from "../../plan/host.ts";
import { nameResolution } from "../../plan/name-resolution.ts";
import type { Way } from "../../plan/operations/switchover.ts";
import type { Plan, Step, Wait } from "../../plan/plan.ts";
import { poolUpgradeStep } from "../../plan/upgrades.ts";
import { unreadAfter } from "../../plan/services.ts";
import { nameOf } from "../stack.ts";
import { foreseenRestart, groundFindings, groundOf } from "../container.ts";
import { hostFacts } from "../host-questions.ts";
import { poolPreflight } from "../pool-preflight.ts";
import type { DesiredPgBouncer, DesiredPooler } from "./desire.ts";
import { drainsOf, formerNotice, formerOf, waitForFormer } from "./former.ts";
import { heldByPerson, heldPools, isLeftPaused } from "./held.ts";
import { passwordHindrances } from "./passwords.ts";
import type { PgBouncerFacts, PgBouncerLooks } from "./observe.ts";
import { upstreamOf } from "./resolve.ts";
import { isReplaced, runs, serviceStep } from "./service.ts";
import { preparedStatementWarnings, tooNewSettings, versionOn } from "./versions.ts";

/** A failover takes its time, and logins fail while it does. */
const LOGIN_SECONDS = 180;

/** What would be done about a PgBouncerPool. Pure. */
export function planPgBouncerPool(desired: DesiredPgBouncer, looks: PgBouncerLooks): Plan {
  const { name, pool, recorded, warnings } = desired.resolved;
  const serving = desired.hosts.some((host) => serves(looks, host.name));
  const checks = mergeFindings([
    ...nameResolution({ resource: name, scope: serving ? "host" : "everything" }, looks),
    ...desired.hosts.map((host) =>
      poolPreflight(
        {
          resource: name,
          namespace: pool.metadata.namespace,
          host: host.spec,
          dataVolume: pool.spec.dataVolume,
          recorded,
          serving,
          wanted: (facts) => host.with(versionOn(facts), groundOf(desired.resolved.ground, facts)).host,
          ports: [{ port: pool.spec.port, purpose: "PgBouncer", unit: PGBOUNCER.unit }],
        },
        looks.get(host.name) ?? { seen: false, host: host.name, reason: "NotLooked", message: "it was not looked at" },
      ),
    ),
    ...desired.hosts.map((host) => {
      const look = looks.get(host.name);
      const about = { resource: name, host: host.name, scope: serving ? "host" : "everything" } as const;
      return look?.seen === true ? groundFindings(desired.resolved.ground, about, look.facts) : NO_FINDINGS;
    }),
  ]);
  const passwords = passwordHindrances(desired.resolved);
  const perHost = desired.hosts.map((host) => planPooler(desired, host, looks));
  return {
    steps: perHost.flatMap((plan) => plan.steps),
    waits: [...passwords.waits, ...perHost.flatMap((plan) => plan.waits)],
    blockers: [
      ...checks.blockers,
      ...passwords.blockers,
      ...tooNewSettings(desired, looks, serving),
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
  const ground = groundOf(desired.resolved.ground, facts);
  const away = desired.hosts.map((host) => host.name).filter((host) => !runs(looks.get(host)));
  const group = nameOf(desired.resolved.cluster);
  const step = { resource: name, host: pooler.name, budget: { group, atMost: 1, away }, unit: PGBOUNCER.unit };
  if (ground === undefined)
    return foreseenRestart(desired.resolved.ground, facts, { ...step, notice: formerNotice(undefined, facts) });
  const wanted = pooler.with(versionOn(facts), ground);
  const found = hostFacts(wanted.host, facts);
  const prepared = planHost(name, wanted.host, found);
  const unread = unreadAfter(prepared, wanted.service, found);
  const service = serviceStep(name, pooler.name, wanted, facts, unread, { group, away });
  const former = waitForFormer(name, pooler.name, service, facts);
  const replaced = desired.hosts.map((host) => host.name).filter((host) => isReplaced(looks.get(host)));
  const steps = [
    ...(isLeftPaused(facts.pgbouncer) ? [resumeStep(name, pooler, portOf(facts.pgbouncer, desired))] : []),
    ...prepared,
    ...(service === undefined || former !== undefined ? [] : [service]),
    ...poolUpgradeStep(name, wanted.host, facts, {
      impact: "restart",
      notices: [formerNotice(formerOf(wanted, facts), facts)],
      budget: { group, atMost: 1, away: [...away, ...replaced] },
    }),
  ];
  if (steps.length > 0 || former !== undefined) return { steps, waits: former === undefined ? [] : [former] };
  const failed = facts.logins.filter((login) => !login.ok);
  if (failed.length === 0) return { steps, waits: [] };
  const isThroughHost = desired.resolved.proxies.some(({ address }) => address === pooler.spec.address);
  const through = isThroughHost ? { through: nameOf(desired.resolved.haproxy) } : {};
  return { steps, waits: [{ ...loginWait(name, pooler.name, failed), ...through }] };
}

/** Where its console is: of a PgBouncer that was not restarted yet, at the port before. */
function portOf(pgbouncer: PgBouncerFacts["pgbouncer"], { resolved }: DesiredPgBouncer): number {
  return Number(pgbouncer?.config["listen_port"] ?? resolved.pool.spec.port);
}

/** Before anything else: until then its clients wait. */
function resumeStep(resource: string, { name }: DesiredPooler, port: number): Step {
  return {
    id: `${name}/${resource}/resume`,
    resource,
    host: name,
    stage: "services",
    impact: "none",
    mends: true,
    change: { kind: "resume-pooler", unit: PGBOUNCER.unit, port },
    because: "a switchover that was interrupted left it paused: its clients wait",
  };
}

function loginWait(resource: string, host: string, failed: readonly LoginFact[]): Wait {
  const [first] = failed;
  const what: Record<LoginFact["purpose"], string> = {
    write: "to write through the pooler",
    direct: "to be known to PostgreSQL with the password of its Secret",
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
    wayOut:
      `On ${host}: journalctl -u ${PGBOUNCER.unit}. If it is the password: the Secret, the role in ` +
      "PostgreSQL and the userlist must have the same verifier; a run of apply sets all three.",
  };
}

function consoleOf(looks: PgBouncerLooks, host: string): PgBouncerFacts["pgbouncer"] {
  const look = looks.get(host);
  return look?.seen === true ? look.facts.pgbouncer : undefined;
}

/** Whether some role logs in and writes there. Where no role may log in, a console that answers has to do. */
export function serves(looks: PgBouncerLooks, host: string, areLogins = true): boolean {
  return areLogins
    ? loginsOf(looks, host).some((login) => login.purpose === "write" && login.ok)
    : consoleOf(looks, host) !== undefined;
}

export function loginsOf(looks: PgBouncerLooks, host: string): readonly LoginFact[] {
  const look = looks.get(host);
  return look?.seen === true ? look.facts.logins : [];
}

/** Its poolers, as a switchover goes by them. */
export function poolerWays(desired: DesiredPgBouncer, looks: PgBouncerLooks): readonly Way[] {
  const { name: resource, pool } = desired.resolved;
  return desired.hosts.map(({ name: host, spec }): Way => {
    const look = looks.get(host);
    if (look?.seen !== true) return { resource, host, state: "unseen" };
    const { pgbouncer, logins } = look.facts;
    // One that cannot write as it is would have clients wait for what does not come.
    const writes = logins.filter(({ purpose, ok }) => purpose === "write" && ok).map(({ role }) => role);
    const login = desired.logins.find(({ role }) => writes.includes(role));
    if (!runs(look)) return { resource, host, state: "stopped" };
    const { addresses, writePort } = upstreamOf(desired.resolved, spec.address);
    return {
      resource,
      host,
      state: heldByPerson(pgbouncer).length > 0 ? "held" : "serving",
      pooler: {
        port: portOf(pgbouncer, desired),
        waits: (pgbouncer?.config["pool_mode"] ?? pool.spec.poolMode) !== "session",
        ...drainsOf(pgbouncer, pool.spec.drainSeconds),
      },
      ...(login === undefined
        ? {}
        : { write: { addresses, port: writePort, role: login.role, database: login.database } }),
    };
  });
}
