/** What a person lets happen of a switchover, beside one that was decided before. */
export interface SwitchoverLeave {
  /** A switchover that may begin now. `id` says what asked for it; `to` is who is to lead. */
  readonly begin?: { readonly id: string; readonly to?: string; readonly force?: true };
  /** The one that was taken back: it does not happen. */
  readonly withdrawn?: string;
}

/** What a switchover is called that ends a restart of members. */
export const BY_PREFERENCE = "spec.patroni.preferredLeader";

/** Nobody is preferred any more, or another is: what was recorded of it does not happen. */
export function withPreference(
  leave: SwitchoverLeave,
  recorded: { readonly id: string; readonly to?: string } | undefined,
  preferred: string | undefined,
): SwitchoverLeave {
  return recorded?.id === BY_PREFERENCE && recorded.to !== preferred ? { ...leave, withdrawn: BY_PREFERENCE } : leave;
}

const BY_ANNOTATION = "switchover-to ";

/** What a switchover is called that an annotation asked for. */
export function switchoverId(value: string): string {
  return `${BY_ANNOTATION}${value}`;
}

/** The annotation's value that asked for it; undefined where something else did. */
export function switchoverAsked({ id }: { readonly id: string }): string | undefined {
  return id.startsWith(BY_ANNOTATION) ? id.slice(BY_ANNOTATION.length) : undefined;
}
