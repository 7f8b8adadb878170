import { PGBOUNCER } from "../../desired/services.ts";
import type { LoginFact } from "../../facts/types.ts";
import { mergeFindings } from "../../plan/findings.ts";
import { planHost } from "../../plan/host.ts";
import { nameResolution } from "../../plan/name-resolution.ts";
import type { Plan, Step, Wait } from "../../plan/plan.ts";
import { nameOf } from "../stack.ts";
import { hostFacts } from "../host-questions.ts";
import { poolPreflight } from "../pool-preflight.ts";
import type { DesiredPgBouncer, DesiredPooler } from "./desire.ts";
import { heldPools } from "./held.ts";
import { passwordHindrances } from "./passwords.ts";
import type { PgBouncerFacts, PgBouncerLooks } from "./observe.ts";
import { runs, serviceStep } from "./service.ts";
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
          wanted: (facts) => host.with(versionOn(facts)).host,
          ports: [{ port: pool.spec.port, purpose: "PgBouncer", unit: PGBOUNCER.unit }],
        },
        looks.get(host.name) ?? { seen: false, host: host.name, reason: "NotLooked", message: "it was not looked at" },
      ),
    ),
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
  const wanted = pooler.with(versionOn(facts));
  const away = desired.hosts.map((host) => host.name).filter((host) => !runs(looks.get(host)));
  const service = serviceStep(name, pooler.name, wanted, facts, { group: nameOf(desired.resolved.cluster), away });
  const steps = [
    ...planHost(name, wanted.host, hostFacts(wanted.host, facts)),
    ...(service === undefined ? [] : [service]),
  ];
  if (steps.length > 0) return { steps, waits: [] };
  const failed = facts.logins.filter((login) => !login.ok);
  if (failed.length === 0) return { steps, waits: [] };
  const isThroughHost = desired.resolved.proxies.some(({ address }) => address === pooler.spec.address);
  const through = isThroughHost ? { through: nameOf(desired.resolved.haproxy) } : {};
  return { steps, waits: [{ ...loginWait(name, pooler.name, failed), ...through }] };
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
