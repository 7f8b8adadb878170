import { PGBOUNCER } from "../../desired/services.ts";
import { PGBOUNCER_SETTINGS } from "../../api/index.ts";
import type { ReloadProof } from "../../changes/reload-unit.ts";
import type { Look } from "../../facts/fact.ts";
import { noticing } from "../../plan/notices.ts";
import type { Budget, Step } from "../../plan/plan.ts";
import { isOutdated, whyOutdated, whyUnread } from "../../plan/services.ts";
import type { Unread } from "../../plan/services.ts";
import { isAtLeast, minorOf } from "../../render/pgbouncer-version.ts";
import type { VersionedPooler } from "./desire.ts";
import { formerNotice, formerOf } from "./former.ts";
import { poolerNotices } from "./notices.ts";
import type { PgBouncerFacts } from "./observe.ts";

/**
 * Start, restart, reload, or nothing, by what runs. PgBouncer's reload keeps every session; addresses take a restart,
 * by a process beside the one that has them where that can be.
 */
export function serviceStep(
  resource: string,
  host: string,
  wanted: VersionedPooler,
  facts: PgBouncerFacts,
  unread: Unread,
  { group, away }: Pick<Budget, "group" | "away">,
): Step | undefined {
  const base = { resource, host, stage: "services" } as const;
  if (!isActive(facts)) {
    return {
      ...base,
      id: `${host}/${resource}/start ${PGBOUNCER.unit}`,
      impact: "none",
      change: { kind: "start-unit", unit: PGBOUNCER.unit },
      because: "it is not running",
      // Takes nothing away, and says to the others of the group what is out of service.
      budget: { group, atMost: 1, away },
    };
  }
  const why = whyRestart(wanted, facts);
  if (why !== undefined) {
    const former = formerOf(wanted, facts);
    return {
      ...base,
      id: `${host}/${resource}/restart ${PGBOUNCER.unit}`,
      ...noticing("restart", [formerNotice(former, facts), ...poolerNotices(wanted, facts.pgbouncer, former)]),
      change: { kind: "restart-unit", unit: PGBOUNCER.unit, ...(former === undefined ? {} : { former }) },
      because: why,
      // Poolers and proxies are ways to the same cluster: one host of either at a time.
      budget: { group, atMost: 1, away },
    };
  }
  const isLoaded = facts.pgbouncer?.config["syslog_ident"] === wanted.service.loadedMark;
  if (isLoaded && unread.length === 0) return undefined;
  return {
    ...base,
    id: `${host}/${resource}/reload ${PGBOUNCER.unit}`,
    ...noticing("reload", poolerNotices(wanted, facts.pgbouncer)),
    change: { kind: "reload-unit", unit: PGBOUNCER.unit, reads: PGBOUNCER.reads, proof: proofOf(wanted) },
    because: isLoaded ? whyUnread(unread) : "it runs with another configuration than the spec asks for",
    // One first: what it refuses, the others need not be asked.
    budget: { group: resource, atMost: 1, away: [] },
  };
}

function isActive(facts: PgBouncerFacts): boolean {
  return facts.units[PGBOUNCER.unit]?.activeState === "active";
}

/** Whether a pooler serves as far as one can see, so that another may be taken out of service. */
export function runs(look: Look<PgBouncerFacts> | undefined): boolean {
  return look?.seen === true && isActive(look.facts);
}

/** Whether what runs there is older than what is installed. */
export function isReplaced(look: Look<PgBouncerFacts> | undefined): boolean {
  return look?.seen === true && look.facts.units[PGBOUNCER.unit]?.isReplaced === true;
}

/**
 * What a reload leaves as it is, a setting that was taken out of the spec among it; and a program that was upgraded.
 */
function whyRestart(
  wanted: VersionedPooler,
  { pgbouncer, packages, units, image }: PgBouncerFacts,
): string | undefined {
  const unit = units[PGBOUNCER.unit];
  if (unit !== undefined && isOutdated(wanted.service, unit)) return whyOutdated(wanted.service, unit);
  if (unit?.isReplaced === true) return "its program was upgraded since it was started";
  if (pgbouncer === undefined) return undefined;
  const differing = Object.entries(pgbouncer.fixed).find(([setting, whenUnset]) => {
    const value = wanted.settings[setting] ?? (PGBOUNCER_SETTINGS.has(setting) ? whenUnset : undefined);
    return value !== undefined && value !== pgbouncer.config[setting];
  });
  if (differing !== undefined) return `${differing[0]} changes, which takes a restart`;
  const installed = (image === undefined ? packages["pgbouncer"] : image.inside?.version) ?? "";
  return pgbouncer.config["syslog_ident"] === wanted.service.loadedMark ||
    isAtLeast(pgbouncer.version, minorOf(installed))
    ? undefined
    : `PgBouncer ${pgbouncer.version} runs, and ${installed} is installed: it may not know the new configuration`;
}

function proofOf({ service, settings }: VersionedPooler): ReloadProof {
  return {
    kind: "pgbouncer",
    socketDirectory: PGBOUNCER.socketDirectory,
    port: Number(settings["listen_port"]),
    mark: service.loadedMark,
    config: PGBOUNCER.config,
  };
}
