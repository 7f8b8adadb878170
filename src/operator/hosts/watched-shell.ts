import type { Reason } from "../../reasons.ts";
import { HostUnreachableError, PghaError } from "../../errors.ts";
import type { RemoteShell } from "../../shell/shell.ts";

/** Told of each command that was run on a host, and of each that could not be. */
export interface ShellObserver {
  ran(seconds: number): void;
  /** The reason of the error: one of a finite set. */
  failed(reason: Reason): void;
}

/** The same shell; `before` may throw to keep a command from being begun. */
export function watchedShell(
  shell: RemoteShell,
  observer: ShellObserver,
  monotonicMs: () => number,
  before: () => void = () => {},
): RemoteShell {
  return {
    host: shell.host,
    async run(command, options) {
      before();
      const started = monotonicMs();
      try {
        const result = await shell.run(command, options);
        observer.ran((monotonicMs() - started) / 1000);
        return result;
      } catch (error) {
        if (error instanceof HostUnreachableError) observer.failed(error.reason);
        else if (!(error instanceof PghaError)) observer.failed("Unexpected");
        throw error;
      }
    },
  };
}
