/**
 * Whether a value, sent as JSON, is what is there already, as it was received. Undefined fields are not sent, so they
 * make no difference. For what JSON has a form of: texts, finite numbers, booleans, null, and arrays and plain objects
 * of these.
 */
export function isSameJson(there: unknown, value: unknown): boolean {
  if (there === value) return true;
  if (typeof there !== "object" || typeof value !== "object" || there === null || value === null) return false;
  if (Array.isArray(there) || Array.isArray(value)) {
    return (
      Array.isArray(there) &&
      Array.isArray(value) &&
      there.length === value.length &&
      there.every((item, index) => isSameJson(item, value[index]))
    );
  }
  const [known, wanted] = [there, value] as readonly Readonly<Record<string, unknown>>[];
  const sent = Object.keys(value).filter((key) => wanted?.[key] !== undefined);
  return (
    Object.keys(there).length === sent.length &&
    sent.every((key) => Object.hasOwn(there, key) && isSameJson(known?.[key], wanted?.[key]))
  );
}
