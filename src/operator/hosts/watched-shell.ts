import type { ReconcileContext } from "../../runtime/reconcile-context.ts";
import type { Reason } from "../../reasons.ts";
import { HostUnreachableError, PghaError } from "../../errors.ts";
import type { RemoteShell } from "../../shell/shell.ts";

/** Told of each command that was run on a host, and of each that could not be. */
export interface ShellObserver {
  ran(seconds: number): void;
  /** The reason of the error: one of a finite set. */
  failed(reason: Reason): void;
}

/** The same shell, whose commands are counted and timed. */
export function watchedShell(shell: RemoteShell, observer: ShellObserver, monotonicMs: () => number): RemoteShell {
  return {
    host: shell.host,
    async run(command, options) {
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

/** A shell of one who may be told to stop at any moment: it runs nothing from then on. */
export function whileLeading(shell: RemoteShell, context: Pick<ReconcileContext, "assertMayAct">): RemoteShell {
  return {
    host: shell.host,
    async run(command, options) {
      context.assertMayAct();
      return shell.run(command, options);
    },
  };
}
