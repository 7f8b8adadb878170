import { formatPath } from "../path.ts";

/** `spec.parameters.work_mem`, with a name that could be taken for a path quoted. */
export function parameterPath(around: string, name: string): string {
  const written = formatPath([name]);
  return written.startsWith("[") ? `${around}${written}` : `${around}.${written}`;
}

/** Why a value can't stand on one line of a configuration file; undefined when it can. */
export function unwritable(value: number | string): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? undefined : "is too large to be kept exactly";
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) return "has a line end or another control character in it";
  if (!value.isWellFormed()) return "is not well-formed Unicode";
  return /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(value)
    ? "has characters in it that turn the direction of text"
    : undefined;
}
