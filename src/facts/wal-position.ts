/** A place in what was written, in bytes since the beginning. */
export interface WalPosition {
  readonly timeline: number;
  readonly bytes: number;
}
