import type { HbaFileRule } from "../api/hba/rule.ts";
import { asNumber, asRecord, asRecords, asString, asStrings, defined } from "./narrow.ts";

/**
 * pg_hba.conf on the host, as its PostgreSQL reads it. Left out when PostgreSQL was not asked, or did not come to
 * answer.
 */
export interface HbaFact {
  /** Which file PostgreSQL goes by. */
  readonly file: string;
  /** In the order of the file, those with an error among them. */
  readonly rules: readonly HbaFileRule[];
  /** Lines by which it takes in what stands in other files: `include x.conf`, `@admins`. */
  readonly taken: readonly string[];
  /** False when the file was written after PostgreSQL last loaded it. */
  readonly loaded: boolean;
  /** Why PostgreSQL cannot read the file. */
  readonly unreadable?: string;
}

/**
 * pg_hba.conf as this PostgreSQL reads it now (https://www.postgresql.org/docs/current/view-pg-hba-file-rules.html),
 * and whether it was written after it was last loaded: the view reads the file, not what is in force. Values of options
 * that hold passwords stay on the host; of a line with an error, which the view does not take apart, so does its text.
 */
export const hbaRulesSql = String.raw`json_build_object(
    'file', current_setting('hba_file'),
    'rules', (SELECT coalesce(json_agg(json_build_object('line', h.line_number, 'type', h.type, 'databases', h.database,
        'users', h.user_name, 'address', h.address, 'mask', h.netmask, 'method', h.auth_method,
        'options', (SELECT json_agg(regexp_replace(o, '^(ldapbindpasswd|radiussecrets)=.*', '\1='))
          FROM unnest(h.options) o),
        'error', h.error, 'digest', CASE WHEN h.error IS NOT NULL THEN encode(sha256(convert_to(
          (string_to_array(pg_read_file(current_setting('hba_file')), E'\n'))[h.line_number], 'UTF8')), 'hex') END
        ) ORDER BY h.ordinality), '[]') FROM pg_hba_file_rules() WITH ORDINALITY h),
    'taken', (SELECT coalesce(json_agg(t.words ORDER BY t.n), '[]') FROM (SELECT l.n, coalesce(
        substring(l.line FROM '^\s*"?(include(?:_if_exists|_dir)?"?\s+[^#]*[^#\s])'),
        substring(regexp_replace(l.line, '"[^"]*"|(ldapbindpasswd|radiussecrets).*$|#.*$', '', 'g')
          FROM '(?:^|[\s,])(@[^\s,]+)')) words
        FROM regexp_split_to_table(
          replace(encode(pg_read_binary_file(current_setting('hba_file')), 'escape'), E'\\\\\n', ''), E'\n')
          WITH ORDINALITY l(line, n)) t WHERE t.words IS NOT NULL),
    'loaded', (SELECT modification <= pg_conf_load_time() FROM pg_stat_file(current_setting('hba_file'), true)))`;

/**
 * The query of psql's, and why there is no answer where the file is the cause: then PostgreSQL would not start with it.
 */
export const hbaScript = String.raw`SELECT json_build_object('hba', ${hbaRulesSql});
\if :ERROR
SELECT json_build_object('hba', json_build_object(
    'file', current_setting('hba_file'), 'unreadable', :'LAST_ERROR_MESSAGE'))
  WHERE :'LAST_ERROR_SQLSTATE' NOT LIKE '57%';
\endif`;

export function readHbaRules(answer: unknown): HbaFact | undefined {
  const found = asRecord(answer);
  if (found === undefined) return undefined;
  return defined({
    file: asString(found["file"]) ?? "",
    rules: asRecords(found["rules"]).map(ruleOf),
    taken: asStrings(found["taken"]),
    loaded: found["loaded"] !== false,
    unreadable: asString(found["unreadable"]),
  });
}

function ruleOf(row: Readonly<Record<string, unknown>>): HbaFileRule {
  return defined({
    line: asNumber(row["line"]) ?? 0,
    type: asString(row["type"]) ?? "",
    databases: asStrings(row["databases"]),
    users: asStrings(row["users"]),
    address: asString(row["address"]) ?? "",
    mask: asString(row["mask"]) ?? "",
    method: asString(row["method"]) ?? "",
    options: asStrings(row["options"]),
    error: asString(row["error"]) ?? "",
    digest: asString(row["digest"]),
  });
}
