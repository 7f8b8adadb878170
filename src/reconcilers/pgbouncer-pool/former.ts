import { PGBOUNCER } from "../../desired/services.ts";
import type { FormerPooler } from "../../changes/keep-former.ts";
import type { FormerPoolerFact } from "../../facts/types.ts";
import { NOTICES } from "../../plan/notices.ts";
import type { Notice } from "../../plan/notices.ts";
import type { Step, Wait } from "../../plan/plan.ts";
import { isAtLeast } from "../../render/pgbouncer-version.ts";
import { duration } from "../../text/duration.ts";
import type { VersionedPooler } from "./desire.ts";
import type { PgBouncerFacts } from "./observe.ts";

/** The first that goes on serving when it is told to take no new clients: 1.23. */
const DRAINS_SINCE = 23;

/** How much longer than it may serve its end may take. */
const PATIENCE_SECONDS = 120;

/**
 * How long the process that runs serves on beside the one that takes its place; undefined where it cannot, and its
 * clients are disconnected at once. On the same port both listen, until the one before stops. On another one it goes on
 * listening, unless something else of the stack is to have that port.
 */
export function formerOf(
  { settings, service, drainSeconds: seconds, portsOfOthers }: VersionedPooler,
  { pgbouncer, units }: Pick<PgBouncerFacts, "pgbouncer" | "units">,
): FormerPooler | undefined {
  const isOfHost = service.image === undefined && units[PGBOUNCER.unit]?.image === undefined;
  if (seconds === 0 || pgbouncer === undefined || !isOfHost) return undefined;
  const { config, version } = pgbouncer;
  if (config["listen_port"] !== settings["listen_port"])
    return portsOfOthers.includes(Number(config["listen_port"])) ? undefined : { seconds, listens: true };
  const isShared = config["so_reuseport"] === "1" && settings["so_reuseport"] === "1";
  return isShared && isAtLeast(version, DRAINS_SINCE) ? { seconds, listens: false } : undefined;
}

/** What clients notice of that. */
export function formerNotice(
  former: FormerPooler | undefined,
  { pgbouncer }: Pick<PgBouncerFacts, "pgbouncer">,
): Notice {
  if (former === undefined) return NOTICES.poolerRestarts();
  const time = duration(former.seconds * 1000);
  return former.listens
    ? NOTICES.poolerMoves(pgbouncer?.config["listen_port"] ?? "?", time)
    : NOTICES.poolerDrains(time);
}

/**
 * Where another one still serves on, the next waits for its end: two of them would take twice the server connections,
 * and nobody could say until when whom is served.
 */
export function waitForFormer(
  resource: string,
  host: string,
  step: Step | undefined,
  { pgbouncer }: Pick<PgBouncerFacts, "pgbouncer">,
): Wait | undefined {
  const former = pgbouncer?.former;
  if (former === undefined || step?.change.kind !== "restart-unit" || step.change.former === undefined)
    return undefined;
  return {
    resource,
    host,
    reason: "FormerPoolerServes",
    for: `the PgBouncer before on ${host} to end, which ${formerDoes(former)}`,
    holds: "services",
    deadlineSeconds: step.change.former.seconds + PATIENCE_SECONDS,
    wayOut: `It ends by itself. To have it end now, on ${host} as root: systemctl stop ${PGBOUNCER.former.unit}`,
  };
}

/** Of one whose clients cannot be made to wait, for those who would have them wait. */
export function drainsOf(
  pgbouncer: PgBouncerFacts["pgbouncer"],
  seconds: number,
): { readonly drains?: { readonly words: string; readonly seconds: number } } {
  const former = pgbouncer?.former;
  if (former === undefined || former.listens) return {};
  return { drains: { words: formerDoes(former), seconds: seconds + PATIENCE_SECONDS } };
}

/** For a status. */
export function formerInWords(former: FormerPoolerFact | undefined): string {
  return former === undefined ? "" : `; the one before ${formerDoes(former)}`;
}

function formerDoes({ port, until, listens }: FormerPoolerFact): string {
  const end = new Date(until * 1000).toISOString().replace("T", " ").slice(0, 16);
  return `${listens ? `serves port ${port}` : "serves whom it had"} until ${end} UTC`;
}
