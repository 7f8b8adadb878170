/** What a command's exit code means. The same numbers mean the same in every command. */
export const EXIT = {
  /** Nothing left to do, or done. */
  ok: 0,
  /** It went wrong, was refused, or something blocks. */
  error: 1,
  /** Looked, and not everything is as it should be: plan has changes, status is not Ready. */
  pending: 2,
  /** Ctrl-C: stopped between steps. */
  interrupted: 130,
} as const;
