import { judgeValue, OWNED_BY_PATRONI, settingsOf } from "../api/index.ts";
import type { Setting } from "../api/index.ts";
import type { SqlSettingFact, SqlWrittenFact } from "../facts/sql-settings.ts";
import type { SqlFact } from "../facts/types.ts";
import { oncePer } from "../keep-last.ts";

/** A setting of a running member that is not as it is wanted. */
export interface SettingDifference {
  readonly name: string;
  /** Undefined where the setting is wanted nowhere any more. */
  readonly wanted: string | undefined;
  /** What is in force, in the setting's unit; undefined where PostgreSQL does not know it. */
  readonly found: string | undefined;
  readonly unit: string;
  /**
   * restart: set, and taken at a restart only. overridden: another file than Patroni's has the last word. refused:
   * PostgreSQL does not take it. late: nothing says why, so it may be under way.
   */
  readonly kind: "restart" | "overridden" | "refused" | "late";
  /** Of one that takes a restart: PostgreSQL has read the new value, and says itself that it waits for one. */
  readonly isRead?: boolean;
  /** The file and what PostgreSQL said of it, where that is known. */
  readonly file?: string;
  readonly line?: number;
}

type Wanted = Readonly<Record<string, number | string>>;

/**
 * Compares what runs with what is wanted, setting by setting, as PostgreSQL itself would read the wanted value. Several
 * ask this of the same member in one pass.
 */
export function settingDifferences(wanted: Wanted, sql: SqlFact): readonly SettingDifference[] {
  return differencesFrom(wanted)(sql);
}

const differencesFrom = oncePer((wanted: Wanted) => oncePer((sql: SqlFact) => compare(wanted, sql)));

function compare(wanted: Wanted, sql: SqlFact): readonly SettingDifference[] {
  if (sql.settings === undefined) return [];
  const rows = new Map(sql.settings.map((row) => [row.name, row]));
  const linesOf = Map.groupBy(sql.written ?? [], ({ name }) => name);
  const known = settingsOf(Math.floor(sql.serverVersion / 10_000));
  const differing = Object.entries(wanted).flatMap(([written, value]): readonly SettingDifference[] => {
    const name = written.toLowerCase();
    const row = rows.get(name);
    const lines = linesOf.get(name) ?? [];
    if (row === undefined) return unknownSetting(name, String(value), lines);
    const setting = known?.get(name) ?? asTold(row);
    return isInForce(setting, value, row, lines) ? [] : [differenceOf(row, String(value), lines)];
  });
  const names = new Set(Object.keys(wanted).map((name) => name.toLowerCase()));
  return [...differing, ...leftovers(names, sql.settings, linesOf, rows)];
}

/** What declared settings are also set elsewhere, to the same. */
export function doublySet(wanted: Readonly<Record<string, unknown>>, sql: SqlFact): readonly SqlSettingFact[] {
  return (sql.settings ?? []).filter((row) => row.name in wanted && isForeign(row.file));
}

function isInForce(
  setting: Setting,
  value: number | string,
  row: SqlSettingFact,
  lines: readonly SqlWrittenFact[],
): boolean {
  const judged = judgeValue(setting, value);
  const wanted = judged.ok ? judged.value : String(value);
  const last = lines.findLast((line) => line.applied);
  const read = last === undefined ? undefined : judgeValue(setting, last.value);
  const isWritten = last !== undefined && (read?.ok === true ? read.value : last.value) === wanted;
  // A database or a role may have its own, and so has the session that asks; the files say what holds for all others.
  if (last !== undefined && /^(database|user|database user|client|session)$/.test(row.source)) return isWritten;
  if (row.value === wanted) return true;
  if (isWorkedOut(wanted)) return !row.pending && (isWritten || /^(override|dynamic default)$/.test(row.source));
  switch (setting.type) {
    case "real":
      return Number(row.value) === Number(Number(wanted).toPrecision(6));
    case "enum":
      return row.value.toLowerCase() === wanted.toLowerCase();
    case "string":
      // PostgreSQL writes some texts in its own way: 'iso, mdy' is 'ISO, MDY'.
      return lines.some((line) => line.applied && line.value === wanted && line.file === row.file);
    default:
      return false;
  }
}

/** What some settings are given to mean that PostgreSQL works the value out, and shows that. */
function isWorkedOut(wanted: string): boolean {
  return wanted === "-1" || wanted === "0";
}

function differenceOf(row: SqlSettingFact, wanted: string, lines: readonly SqlWrittenFact[]): SettingDifference {
  const { name, unit } = row;
  const base = { name, wanted, found: row.value, unit };
  if (isForeign(row.file)) return { ...base, kind: "overridden", file: row.file ?? "" };
  const foreign = lines.findLast((line) => isForeign(line.file));
  if (foreign !== undefined) return { ...base, kind: "overridden", file: foreign.file };
  if (row.pending || (row.context === "postmaster" && !isWorkedOut(wanted)))
    return { ...base, kind: "restart", isRead: row.pending };
  const refused = lines.find((line) => line.error !== undefined);
  return refused === undefined
    ? { ...base, kind: "late" }
    : { ...base, kind: "refused", file: refused.file, line: refused.line };
}

/** A setting of a library that is not loaded is kept as it is written, and pg_settings does not show it. */
function unknownSetting(name: string, wanted: string, lines: readonly SqlWrittenFact[]): readonly SettingDifference[] {
  const base = { name, wanted, found: undefined, unit: "" };
  if (!name.includes(".")) return [{ ...base, kind: "refused" }];
  const last = lines.at(-1);
  if (last === undefined) return [{ ...base, kind: "late" }];
  if (last.error !== undefined) return [{ ...base, kind: "refused", file: last.file, line: last.line }];
  if (last.value === wanted) return [];
  return [{ ...base, found: last.value, kind: isForeign(last.file) ? "overridden" : "late", file: last.file }];
}

/** What is wanted no more and still in force, and lines that PostgreSQL does not take, whoever wrote them. */
function leftovers(
  names: ReadonlySet<string>,
  settings: readonly SqlSettingFact[],
  linesOf: ReadonlyMap<string, readonly SqlWrittenFact[]>,
  rows: ReadonlyMap<string, SqlSettingFact>,
): readonly SettingDifference[] {
  const left = settings
    .filter((row) => !names.has(row.name))
    .flatMap((row): SettingDifference[] => {
      const base = { name: row.name, wanted: undefined, found: row.value, unit: row.unit };
      const lines = linesOf.get(row.name) ?? [];
      if (row.pending && isTakenBack(row, lines)) return lines.length === 0 ? [] : [{ ...base, kind: "late" }];
      if (row.pending) return [{ ...base, kind: "restart", isRead: true }];
      if (nameOf(row.file) !== PATRONIS_FILE || OWNED_BY_PATRONI.has(row.name)) return [];
      // Patroni is about to take it out of its file; what runs stays until a restart.
      return [row.context === "postmaster" ? { ...base, kind: "restart", isRead: false } : { ...base, kind: "late" }];
    });
  const refused = [...linesOf.values()]
    .flat()
    .filter(({ name, error }) => error !== undefined && !names.has(name) && rows.get(name)?.pending !== true)
    .map(({ name, value, file, line }): SettingDifference => ({
      name,
      wanted: value,
      found: rows.get(name)?.value,
      unit: "",
      kind: "refused",
      file,
      line,
    }));
  return [...left, ...refused];
}

/**
 * Never in force, and taken out before a restart: what runs is the default, which is wanted. PostgreSQL calls it
 * pending until its next restart all the same, also once the line is gone from Patroni's file.
 */
function isTakenBack(row: SqlSettingFact, lines: readonly SqlWrittenFact[]): boolean {
  return row.source === "default" && lines.every(({ file }) => nameOf(file) === PATRONIS_FILE);
}

/**
 * Patroni writes this one and includes postgresql.base.conf at its top; ALTER SYSTEM writes postgresql.auto.conf, read
 * last.
 */
const PATRONIS_FILE = "postgresql.conf";

function isForeign(file: string | undefined): boolean {
  return file !== undefined && ![PATRONIS_FILE, "postgresql.base.conf"].includes(nameOf(file));
}

export function nameOf(file: string | undefined): string {
  return file?.slice(file.lastIndexOf("/") + 1) ?? "";
}

/** Where no table was made for the major, or an extension brought the setting. */
function asTold(row: SqlSettingFact): Setting {
  return {
    name: row.name,
    context: row.context as Setting["context"],
    type: row.type as Setting["type"],
    unit: row.unit,
    least: -Infinity,
    most: Infinity,
    values: row.type === "enum" ? [row.value] : [],
    hidden: [],
  };
}
