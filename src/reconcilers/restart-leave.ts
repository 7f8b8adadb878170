/** What a person lets happen of restarts of members, beside those that were decided before. */
export interface RestartLeave {
  /** A restart that may begin now, of all members or of these. `id` says what asked for it. */
  readonly begin?: {
    readonly id: string;
    /** Each of them once in any case; else only those for which something waits. */
    readonly asked: boolean;
    readonly members?: readonly string[];
  };
  /** The operation that was taken back: what is left of it does not happen. */
  readonly withdrawn?: string;
  /** What lets it happen, for one that may not. */
  readonly wayOut: string;
}

/** Whoever only looks. */
export const NO_LEAVE: RestartLeave = { wayOut: "In the order that keeps it serving: pgha restart --pending" };

const BY_ANNOTATION = "restart-at ";

/** What an operation is called that an annotation asked for. */
export function annotationId(value: string): string {
  return `${BY_ANNOTATION}${value}`;
}

/** The annotation's value that asked for an operation; undefined where something else did. */
export function askedAt({ id }: { readonly id: string }): string | undefined {
  return id.startsWith(BY_ANNOTATION) ? id.slice(BY_ANNOTATION.length) : undefined;
}
