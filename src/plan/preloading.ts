import { itemsOf } from "../api/index.ts";
import type { SqlFact } from "../facts/types.ts";

/** Extensions whose CREATE EXTENSION fails while their library is not preloaded. */
const NEED_PRELOADING: ReadonlySet<string> = new Set(["citus", "pg_cron", "pgaudit", "timescaledb"]);

type Preloading = "loaded" | "after a restart" | "not asked for";

/** Whether a server could create an extension as far as its preloaded libraries go. */
export function preloadingOf(
  extension: string,
  wanted: Readonly<Record<string, number | string>>,
  sql: Pick<SqlFact, "settings">,
): Preloading {
  const running = sql.settings?.find(({ name }) => name === "shared_preload_libraries")?.value;
  if (!NEED_PRELOADING.has(extension) || (sql.settings !== undefined && has(running, extension))) return "loaded";
  if (!has(wanted["shared_preload_libraries"], extension)) return "not asked for";
  return sql.settings === undefined ? "loaded" : "after a restart";
}

function has(list: number | string | undefined, library: string): boolean {
  return itemsOf(String(list ?? "")).some((item) => item.replace(/^.*\//, "").replace(/\.so$/, "") === library);
}
