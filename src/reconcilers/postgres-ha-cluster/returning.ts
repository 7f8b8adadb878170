import { nextSwitchover } from "../../plan/operations/switchover.ts";
import type { SwitchoverSeen } from "../../plan/operations/switchover.ts";
import type { Plan, Step } from "../../plan/plan.ts";
import type { RecordedSwitchover } from "../../state/index.ts";
import { BY_PREFERENCE } from "../switchover-leave.ts";
import type { DesiredCluster } from "./desire.ts";
import { switchoverStep } from "./switchovers.ts";

/**
 * The last step of a restart of members: the lead goes to who is preferred, if another has it then. At no other time:
 * who leads after a failover, or since a person said so, leads.
 */
export function returnSteps(
  desired: DesiredCluster,
  seen: SwitchoverSeen,
  { steps }: Pick<Plan, "steps">,
): readonly Step[] {
  const { cluster, recorded, restarts } = desired.resolved;
  const to = cluster.spec.patroni.preferredLeader;
  const isUnderWay = recorded.operation !== undefined && recorded.operation.id !== restarts?.withdrawn;
  if (to === undefined || (steps.length === 0 && !isUnderWay)) return [];
  const [switched] = steps.flatMap(({ change }) => (change.kind === "switch-over" ? [change.to] : [])).slice(-1);
  const from = switched ?? seen.leader;
  if (from === undefined || from === to) return [];
  if (steps.length === 0 && nextSwitchover(seen, { from, to }).kind !== "step") return [];
  const others = seen.members.some(({ name, isReader }) => isReader && name !== to);
  const step = switchoverStep(desired, { from, to, ways: seen.ways, others });
  return [
    {
      ...step,
      because: `${BY_PREFERENCE} is ${to}`,
      after: steps.slice(-1).map(({ id }) => id),
      change: step.change.kind === "switch-over" ? { ...step.change, returns: true } : step.change,
    },
  ];
}

/** The same as it is recorded once the restart is over, so that it does not depend on who is in the middle of it. */
export function returnRecorded(
  { resolved: { cluster } }: DesiredCluster,
  leader: string | undefined,
  since: string,
): { readonly switchover?: RecordedSwitchover } {
  const to = cluster.spec.patroni.preferredLeader;
  return leader === undefined || to === undefined || to === leader
    ? {}
    : { switchover: { id: BY_PREFERENCE, since, from: leader, to } };
}
