/**
 * A rule about one value, written twice: as CEL for the API server and as a function for everything else. Both see the
 * same `self`, and the same people read the same words.
 */
export interface Rule {
  /** CEL, with `self` and, for a transition rule, `oldSelf`. Kubernetes runs the latter on updates only. */
  readonly cel: string;
  /** What is wrong, without a full stop. */
  readonly message: string;
  readonly wayOut: string;
  /** The field to name, below `self`, e.g. `.hosts`. Without it `self` is named. */
  readonly fieldPath?: string;
  /** True for a rule that compares with the value before. */
  readonly transition: boolean;
  readonly holds: (self: never, previous: never) => boolean;
}

/** A rule about a value by itself. */
export function rule<Self>(details: Details & { readonly holds: (self: Self) => boolean }): Rule {
  return { ...details, transition: false };
}

/** A rule about a change. It is not asked when the value is new. */
export function transitionRule<Self>(
  details: Details & { readonly holds: (self: Self, previous: Self) => boolean },
): Rule {
  return { ...details, transition: true };
}

/** A field that keeps its first value. For a field that may be absent, put the rule on the object around it. */
export function immutable(what: string, wayOut: string): Rule {
  return transitionRule<unknown>({
    cel: "self == oldSelf",
    message: `${what} can't be changed`,
    wayOut,
    holds: (self, previous) => self === previous,
  });
}

/** An optional field of `self` that keeps its first value, or stays absent. */
export function immutableField(field: string, what: string, wayOut: string): Rule {
  return transitionRule<Readonly<Record<string, unknown>>>({
    cel: `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`,
    message: `${what} can't be changed`,
    wayOut,
    fieldPath: `.${field}`,
    holds: (self, previous) => self[field] === previous[field],
  });
}

/** The words that the API server shows when it refuses: the same as ours, on one line. */
export function celMessage(about: Rule): string {
  return `${about.message}: ${about.wayOut}`;
}

type Details = Pick<Rule, "cel" | "message" | "wayOut" | "fieldPath">;
