import table from "./table.json" with { type: "json" };

/**
 * What PostgreSQL says of one of its settings, on one major:
 * https://www.postgresql.org/docs/current/view-pg-settings.html
 */
export interface Setting {
  readonly name: string;
  /** internal: no file may set it. postmaster: takes a restart. backend: in force in new sessions. */
  readonly context: "internal" | "postmaster" | "sighup" | "superuser-backend" | "backend" | "superuser" | "user";
  readonly type: "bool" | "integer" | "real" | "string" | "enum";
  /** As pg_settings has it, `8kB` or `ms`; "" for none. */
  readonly unit: string;
  readonly least: number;
  readonly most: number;
  /** Of an enumeration: what pg_settings shows. */
  readonly values: readonly string[];
  /** Of an enumeration: further spellings that it takes. */
  readonly hidden: readonly string[];
}

/** Majors that the table describes. */
export const DESCRIBED_MAJORS: readonly number[] = [13, 14, 15, 16, 17, 18];

/**
 * The settings of a major by name in lower case, its own extensions' and pgvector's among them; undefined where no
 * table was made.
 */
export function settingsOf(major: number): ReadonlyMap<string, Setting> | undefined {
  if (!DESCRIBED_MAJORS.includes(major)) return undefined;
  let settings = made.get(major);
  if (settings === undefined) {
    settings = new Map(
      Object.entries(table).flatMap(([name, lines]) =>
        lines.flatMap((line): [string, Setting][] => {
          const found = read(name, line, major);
          return found === undefined ? [] : [[name, found]];
        }),
      ),
    );
    made.set(major, settings);
  }
  return settings;
}

const made = new Map<number, ReadonlyMap<string, Setting>>();

/** Majors on which a setting of this name exists, in words such as "15 to 18"; "" when on none. */
export function majorsWith(name: string): string {
  const majors = DESCRIBED_MAJORS.filter((major) => settingsOf(major)?.has(name) === true);
  const [first, last] = [majors[0], majors.at(-1)];
  if (first === undefined) return "";
  return first === last ? `${first}` : `${first} to ${last ?? first}`;
}

/** `13-18 user integer kB 64 2147483647`, `15 superuser enum off,on|true,false`, `18 user bool`. */
function read(name: string, line: string, major: number): Setting | undefined {
  const [majors = "", context = "", type = "", ...rest] = line.split(" ");
  const [from, to] = majors.split("-").map(Number);
  if (from === undefined || major < from || major > (to ?? from)) return undefined;
  const [unit = "-", least, most] = rest;
  const [values, hidden] = type === "enum" ? rest.join(" ").split("|").map(words) : [];
  const isNumber = type === "integer" || type === "real";
  return {
    name,
    context: context as Setting["context"],
    type: type as Setting["type"],
    unit: isNumber && unit !== "-" ? unit : "",
    least: isNumber ? Number(least) : 0,
    most: isNumber ? Number(most) : 0,
    values: values ?? [],
    hidden: hidden ?? [],
  };
}

function words(text: string): readonly string[] {
  return text === "" ? [] : text.split(",");
}
