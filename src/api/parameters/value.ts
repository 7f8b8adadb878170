import { closest } from "../suggest.ts";
import { gapAt } from "./gaps.ts";
import { readInteger, readReal, unitsFor } from "./number.ts";
import type { Setting } from "./setting.ts";
import { textFault } from "./text.ts";

/** A value as pg_settings will show it once it is in force, or why PostgreSQL would refuse it. */
export type Judged =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly why: string; readonly wayOut: string };

/** Reads a value as PostgreSQL would from its configuration file. */
export function judgeValue(setting: Setting, written: number | string): Judged {
  const text = String(written);
  switch (setting.type) {
    case "bool":
      return judgeBoolean(text);
    case "enum":
      return judgeEnumeration(setting, text);
    case "integer":
    case "real":
      return judgeNumber(setting, text);
    case "string": {
      const fault = textFault(setting.name, text);
      return fault === undefined ? { ok: true, value: text } : { ok: false, ...fault };
    }
  }
}

/** Any unambiguous beginning of a word, as parse_bool takes it. */
function judgeBoolean(text: string): Judged {
  const word = text.toLowerCase();
  const begins = (whole: string, least: number): boolean => word.length >= least && whole.startsWith(word);
  if (begins("true", 1) || begins("yes", 1) || word === "on" || word === "1") return { ok: true, value: "on" };
  if (begins("false", 1) || begins("no", 1) || begins("off", 2) || word === "0") return { ok: true, value: "off" };
  return refused("is neither on nor off", "write 'on' or 'off'");
}

function judgeEnumeration({ name, values, hidden }: Setting, text: string): Judged {
  const word = text.toLowerCase();
  const meaning = hidden.includes(word)
    ? (MEANINGS[word] ?? word)
    : values.find((value) => value.toLowerCase() === word);
  if (meaning !== undefined) return { ok: true, value: meaning === "on" ? (WHAT_ON_MEANS[name] ?? meaning) : meaning };
  const meant = closest(text, values);
  return refused(
    `is none of its values`,
    `${meant === undefined ? "" : `did you mean ${meant}? `}write one of ${values.join(", ")}`,
  );
}

/** Where a choice took the place of a switch; the latter up to 13. */
const WHAT_ON_MEANS: Readonly<Record<string, string>> = { wal_compression: "pglz", password_encryption: "md5" };

/** What hidden spellings stand for. */
const MEANINGS: Readonly<Record<string, string>> = {
  true: "on",
  yes: "on",
  "1": "on",
  false: "off",
  no: "off",
  "0": "off",
  debug: "debug2",
  archive: "replica",
  hot_standby: "replica",
};

function judgeNumber(setting: Setting, text: string): Judged {
  const { type, unit, least, most } = setting;
  const units = unitsFor(unit);
  const reading = type === "integer" ? readInteger(text, unit) : readReal(text, unit);
  if (!reading.ok) {
    const kind = type === "integer" ? "whole number" : "number with a point, no comma";
    const suffix = units.length === 0 ? "without a unit" : `with one of ${units.join(", ")} behind it or none`;
    const meant = units
      .filter((each) => text.trim().toLowerCase().endsWith(each.toLowerCase()))
      .toSorted((left, right) => right.length - left.length)[0];
    if (reading.why === "no unit") return refused("has a unit, and this setting takes none", `write a ${kind}`);
    return refused(
      reading.why === "unit" ? `has a unit that it does not take; letters count` : `is no number that PostgreSQL reads`,
      reading.why === "unit" && meant !== undefined && /^[ ]*[0-9.]+/.test(text)
        ? `did you mean ${text.trim().slice(0, -meant.length)}${meant}? write a ${kind}, ${suffix}`
        : `write a ${kind}, ${suffix}`,
    );
  }
  if (reading.value >= least && reading.value <= most) {
    const gap = gapAt(setting.name, reading.value);
    return gap === undefined ? { ok: true, value: String(reading.value) } : { ok: false, ...gap };
  }
  const bounds = `${inWords(least, unit)} to ${inWords(most, unit)}`;
  return refused(
    `is ${inWords(reading.value, unit)} to PostgreSQL, out of its range`,
    `write something from ${bounds}${unit === "" ? "" : `; without a unit it counts ${unit}`}`,
  );
}

function inWords(value: number, unit: string): string {
  return unit === "" ? String(value) : `${value} ${/^[0-9]/.test(unit) ? `x ${unit}` : unit}`;
}

function refused(why: string, wayOut: string): Judged {
  return { ok: false, why, wayOut };
}
