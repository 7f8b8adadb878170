import type { PostgresHACluster } from "../api/index.ts";
import type { Plan } from "../plan/plan.ts";
import type { RestartLeave } from "../reconcilers/restart-leave.ts";
import { nameOf } from "../reconcilers/stack.ts";

/** What may be restarted by command line. */
export interface Restarts {
  readonly leave: (cluster: PostgresHACluster) => RestartLeave;
  /** From now on, what was decided by approving this plan and nothing more. */
  readonly close: (approved: Plan) => void;
}

const WAY_OUT = "In the order that keeps it serving: pgha restart --pending, or pgha apply, which shows it in its plan";

/**
 * The first plan has every restart that is to come, and they are approved with it, whatever has to come first; what
 * turns up later is another decision.
 */
export function restartsInApprovedPlan(): Restarts {
  let members: ((cluster: string) => readonly string[]) | undefined;
  return {
    leave(cluster) {
      const begin = { id: "pgha apply", asked: false };
      if (members === undefined) return { wayOut: WAY_OUT, begin };
      const approved = members(nameOf(cluster));
      return { wayOut: WAY_OUT, ...(approved.length === 0 ? {} : { begin: { ...begin, members: approved } }) };
    },
    close({ steps }) {
      members = (cluster) =>
        steps.flatMap(({ resource, change }) =>
          resource !== cluster
            ? []
            : change.kind === "restart-member" || change.kind === "move-member"
              ? [change.member]
              : // Who gives the lead away comes back as another process.
                change.kind === "switch-over" && change.restarts
                ? [change.from]
                : [],
        );
    },
  };
}

/** What was asked for begins once: it is recorded before anything else. */
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
