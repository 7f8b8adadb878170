import type { Drain } from "../../changes/drain.ts";
import type { ReadersLeave } from "../../plan/notices.ts";
import type { RestartSeen } from "../../plan/operations/restart.ts";
import type { Way } from "../../plan/operations/switchover.ts";

/** Whether a replica serves readers besides these members. */
export function anotherServes({ members }: RestartSeen, ...names: readonly string[]): boolean {
  return members.some(({ name, leads, state }) => !leads && state === "up" && !names.includes(name));
}

/**
 * Proxies whose readers leave a member before it is worked on, and what becomes of those readers. `others`: whether
 * another replica serves; where none does, readers are not sent away from the only one any sooner than they have to be.
 */
export function readersLeave(
  ways: readonly Way[],
  others: boolean,
): { readonly drains: readonly Drain[]; readonly leave: ReadersLeave } {
  const proxies = ways.filter(({ proxy }) => proxy === true);
  const runs = ({ state }: Way): boolean => state === "serving" || state === "held";
  const drains = proxies
    .filter((way) => others && runs(way) && (way.drainSeconds ?? 0) > 0)
    .map(({ host, drainSeconds: seconds = 0 }): Drain => ({ host, seconds }));
  const drained = drains.map(({ host }) => host);
  return {
    drains,
    leave: {
      drained,
      cut: proxies.filter((way) => way.state !== "stopped" && !drained.includes(way.host)).map(({ host }) => host),
      seconds: Math.max(0, ...drains.map(({ seconds }) => seconds)),
      others,
    },
  };
}
