import type { PostgresHACluster } from "../api/index.ts";
import type { RestartLeave } from "../reconcilers/restart-leave.ts";

/** What may be restarted by command line. */
export interface Restarts {
  readonly leave: (cluster: PostgresHACluster) => RestartLeave;
  /** From now on, what was decided and nothing more. */
  readonly close: () => void;
}

const WAY_OUT = "In the order that keeps it serving: pgha restart --pending, or pgha apply, which shows it in its plan";

/** The first plan has every restart that is to come, and is approved with them; what turns up later is another decision. */
export function restartsInApprovedPlan(): Restarts {
  return restartsThat(() => ({ id: "pgha apply", asked: false }));
}

export function restartsThat(begin: (cluster: PostgresHACluster) => RestartLeave["begin"]): Restarts {
  let isOpen = true;
  return {
    leave(cluster) {
      const begun = isOpen ? begin(cluster) : undefined;
      return { wayOut: WAY_OUT, ...(begun === undefined ? {} : { begin: begun }) };
    },
    close: () => void (isOpen = false),
  };
}
