import { asNumber, asRecords, asString, defined } from "./narrow.ts";

/** A row of pg_settings, its name in lower case. */
export interface SqlSettingFact {
  readonly name: string;
  /** reset_val: what a new session starts with, in the setting's unit. */
  readonly value: string;
  readonly type: string;
  readonly unit: string;
  readonly context: string;
  /** `configuration file`, `command line`, `default`, `database`, `user` ... */
  readonly source: string;
  readonly file?: string;
  readonly pending: boolean;
}

/** A row of pg_file_settings, its name in lower case. */
export interface SqlWrittenFact {
  readonly name: string;
  readonly value: string;
  readonly applied: boolean;
  readonly error?: string;
  readonly file: string;
  readonly line: number;
}

/**
 * Two members of the JSON about a server, out of `now`, which is pg_settings. `settings`: what is configured anywhere,
 * and the asked ones whatever they are. reset_val and not setting, which is what this session has. `written`: what the
 * files say where that tells more: errors, settings of libraries that are not loaded, texts that PostgreSQL writes in
 * another way, and what this database or role has another value of.
 */
export function settingsSql(names: readonly string[]): string {
  const asked = names.map((name) => `'${name.toLowerCase().replaceAll("'", "''")}'`).join(", ");
  return String.raw`
  'settings', (SELECT coalesce(json_agg(json_build_object(
      'name', lower(s.name), 'value', s.reset_val, 'type', s.vartype, 'unit', coalesce(s.unit, ''),
      'context', s.context, 'source', s.source, 'file', s.sourcefile, 'pending', s.pending_restart)), '[]')
    FROM now s WHERE s.sourcefile IS NOT NULL OR s.source = 'command line' OR s.pending_restart
      OR lower(s.name) IN (${asked === "" ? "''" : asked})),
  'written', (SELECT coalesce(json_agg(json_build_object(
      'name', lower(f.name), 'value', f.setting, 'applied', f.applied,
      'error', f.error, 'file', f.sourcefile, 'line', f.sourceline) ORDER BY f.seqno), '[]')
    FROM pg_file_settings f LEFT JOIN now s ON lower(s.name) = lower(f.name)
    WHERE f.error IS NOT NULL OR s.name IS NULL
      OR s.source IN ('database', 'user', 'database user', 'client', 'session')
      OR (f.setting IN ('-1', '0') AND f.setting IS DISTINCT FROM s.reset_val)
      OR (s.vartype = 'string' AND f.setting IS DISTINCT FROM s.reset_val)),`;
}

export function settingFacts(told: unknown): readonly SqlSettingFact[] {
  return asRecords(told).map((row) =>
    defined({
      name: asString(row["name"]) ?? "",
      value: asString(row["value"]) ?? "",
      type: asString(row["type"]) ?? "",
      unit: asString(row["unit"]) ?? "",
      context: asString(row["context"]) ?? "",
      source: asString(row["source"]) ?? "",
      file: asString(row["file"]),
      pending: row["pending"] === true,
    }),
  );
}

export function writtenFacts(told: unknown): readonly SqlWrittenFact[] {
  return asRecords(told).map((row) =>
    defined({
      name: asString(row["name"]) ?? "",
      value: asString(row["value"]) ?? "",
      applied: row["applied"] === true,
      error: asString(row["error"]),
      file: asString(row["file"]) ?? "",
      line: asNumber(row["line"]) ?? 0,
    }),
  );
}
