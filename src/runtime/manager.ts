import type { Controller } from "./controller.ts";
import type { LeaderElector } from "./leader-elector.ts";
import { messageOf } from "./log.ts";
import type { Log } from "./log.ts";
import { createReconcileContext } from "./reconcile-context.ts";

/** The part of a reflector that the manager runs, whatever its type of object. */
export interface RunningReflector {
  synced(): boolean;
  whenSynced(signal: AbortSignal): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

export interface ManagerOptions {
  readonly reflectors: readonly RunningReflector[];
  readonly controllers: readonly Controller[];
  /** Without one this process acts as if it were alone. */
  readonly elector?: LeaderElector;
  readonly log: Log;
}

export interface Manager {
  /** Whether all that exists is known, which a standby too can say; for /readyz. */
  synced(): boolean;
  /**
   * Learns what exists, then works on it whenever this process leads. When `stop` aborts, the work in hand is
   * finished, the lease released, and the watches end, in this order. Never rejects.
   */
  run(stop: AbortSignal): Promise<void>;
}

export function createManager(options: ManagerOptions): Manager {
  const { reflectors, controllers, elector, log } = options;

  /** One term of leading, from the moment it is known what exists. */
  const lead = async (stop: AbortSignal, lost: AbortSignal, isLeader: () => boolean): Promise<void> => {
    const failed = new AbortController();
    const context = createReconcileContext(AbortSignal.any([stop, lost, failed.signal]), isLeader);
    // The term is over only when all are done: none may go on working after the lease was released.
    const terms = controllers.map((controller) =>
      controller.runTerm(context).catch((error: unknown) => {
        log.error("a controller failed", { controller: controller.name, error: messageOf(error) });
        failed.abort();
      }),
    );
    await Promise.all(terms);
  };

  return {
    synced: () => reflectors.every((reflector) => reflector.synced()),
    async run(stop) {
      const watching = new AbortController();
      const watches = Promise.all(reflectors.map((reflector) => reflector.run(watching.signal)));
      await Promise.all(reflectors.map((reflector) => reflector.whenSynced(stop)));
      if (!stop.aborted) log.info("all that exists is known");
      if (elector === undefined) await lead(stop, new AbortController().signal, () => true);
      else await elector.run(stop, (lost) => lead(stop, lost, () => elector.isLeader()));
      watching.abort();
      await watches;
    },
  };
}
