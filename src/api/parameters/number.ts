import { entryOf } from "../entry-of.ts";

/** A number as PostgreSQL reads it, in the unit of its setting; or why it does not. */
export type Reading =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly why: "number" | "unit" | "no unit" };

/**
 * As parse_int of PostgreSQL's guc.c: C's strtol with base 0 (so 0x1F is hexadecimal and 010 octal), or strtod where a
 * fraction or an exponent follows; then a unit; then rounding to the nearest, and to the even one between two.
 */
export function readInteger(text: string, unit: string): Reading {
  const start = /^[ \t\n\v\f\r]*/.exec(text)?.[0].length ?? 0;
  const whole = /^[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)/.exec(text.slice(start))?.[0] ?? "";
  const digits = /^[+-]?0[0-7]*/.exec(whole)?.[0] ?? "";
  // strtol stops at an 8 in an octal number, and what is left is no unit.
  const taken = /^[+-]?0[0-9]/.test(whole) ? digits : whole;
  const rest = text.slice(start + taken.length);
  const reading =
    /^[.eE]/.test(rest) || Math.abs(strtol(taken)) > Number.MAX_SAFE_INTEGER
      ? readReal(text, unit)
      : inUnit(taken === "" ? Number.NaN : strtol(taken), rest, unit);
  return reading.ok ? { ok: true, value: roundToEven(reading.value) } : reading;
}

/** As parse_real: C's strtod, then a unit. */
export function readReal(text: string, unit: string): Reading {
  const start = /^[ \t\n\v\f\r]*/.exec(text)?.[0].length ?? 0;
  const rest = text.slice(start);
  const decimal = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/.exec(rest)?.[0] ?? "";
  const hexadecimal = /^[+-]?0[xX][0-9a-fA-F]+/.exec(rest)?.[0] ?? "";
  const taken = hexadecimal === "" ? decimal : hexadecimal;
  const value = taken === "" ? Number.NaN : hexadecimal === "" ? Number(taken) : strtol(taken);
  return inUnit(value, rest.slice(taken.length), unit);
}

/** What may be written behind a number of this unit: "B, kB, MB, GB, TB"; "" for none. */
export function unitsFor(unit: string): readonly string[] {
  const own = partsOf(unit);
  return own === undefined ? [] : Object.keys(own.kin);
}

function inUnit(value: number, written: string, unit: string): Reading {
  if (Number.isNaN(value)) return { ok: false, why: "number" };
  const suffix = written.trim();
  if (suffix === "") return { ok: true, value };
  const own = partsOf(unit);
  if (own === undefined) return { ok: false, why: /^[a-zA-Zµ]+$/.test(suffix) ? "no unit" : "number" };
  const factor = entryOf(own.kin, suffix);
  if (factor === undefined) return { ok: false, why: /^[a-zA-Zµ ]+$/.test(suffix) ? "unit" : "number" };
  const converted = (value * factor) / own.size;
  // 30.1GB is the nearest multiple of the next smaller unit, as a person means it.
  const smaller = Object.values(own.kin).findLast((other) => other < factor);
  const step = smaller === undefined ? undefined : smaller / own.size;
  return { ok: true, value: step === undefined ? converted : roundToEven(converted / step) * step };
}

/** A setting's unit by its size in the smallest of its kind: `8kB` is 8192 bytes, `min` 60 million microseconds. */
function partsOf(unit: string): { readonly size: number; readonly kin: Readonly<Record<string, number>> } | undefined {
  const [, count = "", name = ""] = /^([0-9]*)([a-zA-Z]+)$/.exec(unit) ?? [];
  const kin = KINDS_OF_UNITS.find((units) => Object.hasOwn(units, name));
  return kin === undefined ? undefined : { size: (count === "" ? 1 : Number(count)) * (kin[name] ?? 1), kin };
}

/** Smallest first. Upper and lower case differ: `mb` is no unit. */
const KINDS_OF_UNITS: readonly Readonly<Record<string, number>>[] = [
  { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 },
  { us: 1, ms: 1000, s: 1e6, min: 60e6, h: 3600e6, d: 86_400e6 },
];

function strtol(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  const digits = text.replace(/^[+-]/, "");
  if (/^0[xX]/.test(digits)) return sign * Number(digits);
  return sign * (digits.startsWith("0") && digits.length > 1 ? Number.parseInt(digits, 8) : Number(digits));
}

/** C's rint. */
function roundToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
