type Document = Readonly<Record<string, unknown>>;

/**
 * What a PATCH /config has to carry so that the dynamic configuration is the desired one; undefined when it is.
 * Only keys that pgha sets are compared, except PostgreSQL's parameters, which it owns whole: one that is no longer
 * in the spec is removed with null.
 */
export function dynamicConfigurationPatch(desired: Document, actual: Document): Document | undefined {
  const patch: Record<string, unknown> = {};
  for (const [key, wanted] of Object.entries(desired)) {
    const found = actual[key];
    if (isDocument(wanted)) {
      const inner =
        key === "parameters"
          ? ownedPatch(wanted, isDocument(found) ? found : {})
          : dynamicConfigurationPatch(wanted, isDocument(found) ? found : {});
      if (inner !== undefined) patch[key] = inner;
    } else if (!sameValue(wanted, found)) {
      patch[key] = wanted;
    }
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function ownedPatch(desired: Document, actual: Document): Document | undefined {
  const removed = Object.fromEntries(
    Object.keys(actual)
      .filter((key) => !(key in desired))
      .map((key) => [key, null]),
  );
  const changed = Object.fromEntries(
    Object.entries(desired).filter(([key, wanted]) => !sameValue(wanted, actual[key])),
  );
  const patch = { ...changed, ...removed };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Patroni keeps what it was given: 200 and "200", true and "on" mean the same to PostgreSQL. */
function sameValue(wanted: unknown, found: unknown): boolean {
  return normal(wanted) === normal(found);
}

function normal(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (value === true) return "on";
  if (value === false) return "off";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
