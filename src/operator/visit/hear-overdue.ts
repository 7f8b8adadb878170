import { waitWords } from "../../apply/undone.ts";
import type { Wave } from "../../plan/wave.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import type { LiveResource } from "../../state/live-resource.ts";
import { whyHandsOff } from "../../api/annotations.ts";
import { waitTimes } from "./memory.ts";
import type { VisitMemory } from "./memory.ts";
import type { VisitParts } from "./parts.ts";

/**
 * What the service says of a wait that is in vain, kept for the status of this visit and of those to come. It is asked
 * once: a journal is long, and what it says of a wait that goes on does not change by asking.
 */
export async function hearOverdue(
  live: Pick<LiveResource, "current">,
  { clock }: Pick<VisitParts, "clock">,
  pass: Pick<Pass, "shellFor" | "materialFor">,
  wave: Wave,
  memory: VisitMemory,
): Promise<void> {
  const [wait] = wave.kind === "wait" ? wave.waits : [];
  const { status } = live.current();
  if (wait === undefined || whyHandsOff(live.current()) !== undefined) return;
  const now = clock.now();
  const times = waitTimes(memory, wait, status?.waiting?.until, now);
  if (now <= times.untilMs || times.said !== undefined) return;
  memory.wait = { ...times, said: await waitWords(wait, pass) };
}
