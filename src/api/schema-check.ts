import type { ErrorObject } from "ajv";
import type { Kind } from "./kinds.ts";
import { validatorOf } from "./validator.ts";

/** A resource whose shape was checked. `value` is a copy, with defaults; use it only when there are no errors. */
export interface SchemaCheck {
  readonly value: unknown;
  readonly errors: readonly ErrorObject[];
}

/**
 * Checks one resource against its kind's schema and fills in defaults, as the API server would with strict field
 * validation.
 */
export function checkSchema(kind: Kind, resource: unknown): SchemaCheck {
  const value = withoutNulls(resource);
  const validator = validatorOf(kind);
  validator(value);
  return { value, errors: validator.errors ?? [] };
}

/** A field with nothing behind its colon is a field that was left out, as the API server sees it. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null && field !== undefined)
      .map(([name, field]) => [name, withoutNulls(field)]),
  );
}
