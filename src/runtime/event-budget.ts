import type { Clock } from "./clock.ts";
import type { ObjectReference } from "./event.ts";

/** Decides whether one more new event about an object may be written. */
export interface EventBudget {
  allows(regarding: ObjectReference): boolean;
}

/** As client-go's spam filter: 25 at once, then one every five minutes, for each object. */
const BURST = 25;
const REFILL_MS = 5 * 60_000;
const MOST_OBJECTS = 4_096;

export function createEventBudget(clock: Clock): EventBudget {
  const objects = new Map<string, { readonly left: number; readonly at: number }>();
  return {
    allows({ kind, namespace, name, uid }) {
      const identity = [kind, namespace, name, uid].join("/");
      const now = clock.monotonic();
      const before = objects.get(identity) ?? { left: BURST, at: now };
      const left = Math.min(BURST, before.left + (now - before.at) / REFILL_MS);
      const isAllowed = left >= 1;
      objects.delete(identity);
      objects.set(identity, { left: isAllowed ? left - 1 : left, at: now });
      const [oldest] = objects.keys();
      if (objects.size > MOST_OBJECTS && oldest !== undefined) objects.delete(oldest);
      return isAllowed;
    },
  };
}
