import { pauseUntilWorthALook } from "../../apply/pause.ts";
import type { PartOutcome } from "../../runtime/requeue.ts";
import { waitTimes } from "./memory.ts";
import type { Seen } from "./parts.ts";
import { through } from "./through.ts";
import type { Outcomes } from "./through.ts";

/** Between two looks at something under way: often while it is new, as often as a healthy resource once it is old. */
const WAIT_MS = { young: 1_000, old: 5_000, youngForMs: 60_000 } as const;

/**
 * Watches for signs of what is waited for while the wait is young, and nobody else of the stack wants to be looked at
 * sooner; a wake in the meantime is heeded afterwards, some seconds later at most.
 */
export async function awaitSigns(waiting: readonly Seen[], outcomes: Outcomes): Promise<void> {
  const young = await through(waiting, outcomes, (seen) => Promise.resolve(nextLook(seen)));
  const [first] = young;
  if (first === undefined) return;
  const isHurried = [...outcomes.values()].some((other) => other.kind === "again" && other.afterMs <= WAIT_MS.young);
  const [wait, ...others] = young.flatMap(({ wave }) => (wave.kind === "wait" ? wave.waits.slice(0, 1) : []));
  if (wait !== undefined && !isHurried) {
    const signs = [wait, ...others].flatMap((one) => one.signs ?? []);
    await pauseUntilWorthALook([{ ...wait, signs }], first.pass.shellFor, first.context.signal);
  }
  for (const { name } of young) outcomes.set(name, { kind: "again", afterMs: isHurried ? WAIT_MS.young : 1 });
}

/** Undefined while its signs are worth being watched. */
function nextLook({ wave, live, memory, parts }: Seen): PartOutcome | undefined {
  const [wait] = wave.kind === "wait" ? wave.waits : [];
  if (wait === undefined) return { kind: "settled" };
  const now = parts.clock.now();
  const { sinceMs, untilMs } = waitTimes(memory, wait, live.current().status?.waiting?.until, now);
  if (now > untilMs) return { kind: "settled" };
  if (now - sinceMs > WAIT_MS.youngForMs) return { kind: "again", afterMs: WAIT_MS.old };
  return (wait.signs ?? []).length === 0 ? { kind: "again", afterMs: WAIT_MS.young } : undefined;
}
