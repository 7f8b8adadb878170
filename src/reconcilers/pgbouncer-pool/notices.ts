import type { PgBouncerFact } from "../../facts/types.ts";
import type { FormerPooler } from "../../changes/keep-former.ts";
import { NOTICES } from "../../plan/notices.ts";
import type { Notice } from "../../plan/notices.ts";
import type { VersionedPooler } from "./desire.ts";

/** Whom the wanted configuration serves no more, or otherwise, than the one that is loaded. */
export function poolerNotices(
  wanted: VersionedPooler,
  running: PgBouncerFact | undefined,
  former?: FormerPooler,
): readonly Notice[] {
  if (running === undefined) return [];
  const { config: before, users, databases } = running;
  const { settings: after } = wanted;
  return [
    ...Object.entries(BY_SETTING).flatMap(([setting, notice]) => {
      const [old, now] = [before[setting], after[setting]];
      // Whom the former one serves meanwhile is said with that.
      const isServed = setting === "listen_port" && former?.listens === true;
      const found = old === undefined || now === undefined || old === now || isServed ? undefined : notice(now, old);
      return found === undefined ? [] : [found];
    }),
    ...optionsTaken(after["ignore_startup_parameters"], before["ignore_startup_parameters"]),
    ...users.filter((user) => !wanted.users.includes(user)).map((user) => NOTICES.roleRefused(user)),
    ...databases
      .filter((database) => !wanted.databases.includes(database))
      .map((database) => NOTICES.databaseRefused(database)),
  ];
}

type Judge = (now: string, old: string) => Notice | undefined;

/** Only for the worse: what clients get more of, nobody notices. */
const BY_SETTING: Readonly<Record<string, Judge>> = {
  listen_port: (_, old) => NOTICES.portLeft(old),
  listen_addr: (now, old) => placesLeft(now, old),
  pool_mode: (now, old) => (MODES.indexOf(now) > MODES.indexOf(old) ? NOTICES.modeLeaves(now) : NOTICES.modeHolds(now)),
  max_client_conn: (now, old) => (Number(now) < Number(old) ? NOTICES.connectionsFewer(now, old) : undefined),
  default_pool_size: (now, old) => smallerPool("default_pool_size", now, old),
  max_db_connections: (now, old) => smallerPool("max_db_connections", now, old),
  max_user_connections: (now, old) => smallerPool("max_user_connections", now, old),
  max_prepared_statements: (now) => (Number(now) === 0 ? NOTICES.preparedFails() : undefined),
  client_tls_sslmode: (now) => (/^(require|verify-)/.test(now) ? NOTICES.withoutTlsRefused() : undefined),
  query_timeout: (now, old) => cut("queries are cancelled that take", now, old),
  query_wait_timeout: (now, old) => cut("clients are disconnected that wait for a server connection", now, old),
  client_idle_timeout: (now, old) => cut("clients are disconnected that are idle", now, old),
  client_login_timeout: (now, old) => cut("clients are disconnected whose login takes", now, old),
  idle_transaction_timeout: (now, old) => cut("clients are disconnected that are idle in a transaction", now, old),
  transaction_timeout: (now, old) => cut("clients are disconnected whose transaction takes", now, old),
};

/** From the one that keeps most of a session. */
const MODES = ["session", "transaction", "statement"];

/** Of sizes and times 0 is none. */
function isLess(now: string, old: string): boolean {
  return Number(now) > 0 && (Number(old) === 0 || Number(now) < Number(old));
}

function smallerPool(setting: string, now: string, old: string): Notice | undefined {
  return isLess(now, old) ? NOTICES.poolSmaller(setting, now, Number(old) === 0 ? "no limit" : old) : undefined;
}

function cut(what: string, now: string, old: string): Notice | undefined {
  return isLess(now, old) ? NOTICES.cutAfter(what, `${now} s`) : undefined;
}

function placesLeft(now: string, old: string): Notice | undefined {
  const left = words(old).filter((address) => !words(now).includes(address));
  return left.length === 0 || words(now).includes("*") ? undefined : NOTICES.placesLeft(left);
}

function optionsTaken(now = "", old = ""): readonly Notice[] {
  return words(old)
    .filter((option) => !words(now).includes(option))
    .map((option) => NOTICES.startupOptionRefused(option));
}

function words(setting: string): readonly string[] {
  return setting.split(/[\s,]+/).filter((word) => word !== "");
}
