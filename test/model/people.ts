import type { Plan } from "../../src/plan/plan.ts";
import type { ModelHost } from "./model-host.ts";
import type { ModelWorld } from "./model-world.ts";
import { PATRONI } from "./model-units.ts";

/** What a person does who was told so by a blocker's way out. */
const FOLLOWED: Readonly<Record<string, (host: ModelHost) => void>> = {
  ServiceOutdated: (host) => host.kill(PATRONI, true),
  StartSettingsChanged: (host) => host.kill(PATRONI, true),
};

/** One at a time, as they say. */
export function followWaysOut(model: ModelWorld, { blockers }: Plan, done: (what: string) => void): void {
  const blocker = blockers.find(({ reason, host }) => reason in FOLLOWED && host !== undefined);
  if (blocker?.host === undefined) return;
  FOLLOWED[blocker.reason]?.(model.host(blocker.host));
  done(`somebody follows the way out of ${blocker.reason} on ${blocker.host}`);
}
