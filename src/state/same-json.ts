/**
 * Whether a value, sent as JSON, is what is there already. Undefined fields are not sent, so they make no difference.
 * For what JSON has a form of: texts, finite numbers, booleans, null, and arrays and plain objects of these.
 */
export function isSameJson(there: unknown, value: unknown): boolean {
  if (there === value) return true;
  if (typeof there !== "object" || typeof value !== "object" || there === null || value === null) return false;
  if (Array.isArray(there) || Array.isArray(value)) {
    return Array.isArray(there) && Array.isArray(value) && there.length === value.length && there.every((item, index) => isSameJson(item, value[index]));
  }
  const fields = (object: object): readonly (readonly [string, unknown])[] => Object.entries(object).filter(([, field]) => field !== undefined);
  const wanted = fields(value);
  return fields(there).length === wanted.length && wanted.every(([key, field]) => Object.hasOwn(there, key) && isSameJson((there as Readonly<Record<string, unknown>>)[key], field));
}
