import { NOTICES } from "../../plan/notices.ts";
import type { Notice } from "../../plan/notices.ts";

type Document = Readonly<Record<string, unknown>>;

/** What clients notice of a change of the dynamic configuration, beside what takes a restart. */
export function configurationNotices(patch: Document): readonly Notice[] {
  const { parameters } = documentOf(patch["postgresql"]);
  return [...noticesIn(patch, OF_PATRONI), ...noticesIn(documentOf(parameters), OF_POSTGRESQL)];
}

type Judge = (value: string) => Notice | undefined;

function noticesIn(patch: Document, table: Readonly<Record<string, Judge>>): readonly Notice[] {
  return Object.entries(table).flatMap(([name, notice]) => {
    const value = patch[name];
    return isScalar(value) ? (notice(String(value)) ?? []) : [];
  });
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

const OF_PATRONI: Readonly<Record<string, Judge>> = {
  synchronous_mode: (value) => (isOn(value) || value === "quorum" ? NOTICES.commitsWait() : undefined),
  synchronous_mode_strict: (value) => (isOn(value) ? NOTICES.writesStopWithoutStandby() : undefined),
};

const OF_POSTGRESQL: Readonly<Record<string, Judge>> = {
  default_transaction_read_only: (value) => (isOn(value) ? NOTICES.writesRefused() : undefined),
  idle_in_transaction_session_timeout: (value) => cut("sessions end that are idle in a transaction", value),
  idle_session_timeout: (value) => cut("sessions end that are idle", value),
  lock_timeout: (value) => cut("statements fail that wait for a lock", value),
  statement_timeout: (value) => cut("statements are cancelled that take", value),
  transaction_timeout: (value) => cut("sessions end whose transaction takes", value),
};

/** All of them in milliseconds without a unit. */
function cut(what: string, limit: string): Notice | undefined {
  return Number.parseFloat(limit) > 0
    ? NOTICES.cutAfter(what, /^[0-9.]+$/.test(limit) ? `${limit} ms` : limit)
    : undefined;
}

function isOn(value: string): boolean {
  return /^(true|on|yes|1)$/i.test(value);
}

function documentOf(value: unknown): Document {
  return typeof value === "object" && value !== null ? (value as Document) : {};
}
