import { setTimeout as sleep } from "node:timers/promises";
import type { Sign } from "../plan/plan.ts";
import { sh } from "../shell/command.ts";
import type { RemoteShell } from "../shell/shell.ts";

/** The longest time without a look while signs are watched for. */
const WATCH_SECONDS = 6;

/**
 * Pauses until one of the signs shows that a look is worth its price: their hosts watch for them, a curl every tenth of
 * a second, which costs less and tells sooner than looking. Ends early when interrupted.
 */
export async function watchForSigns(
  signs: readonly Sign[],
  shellFor: (host: string) => RemoteShell,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const over = new AbortController();
  await Promise.race([
    pause(WATCH_SECONDS * 1000, AbortSignal.any([signal, over.signal])),
    ...signs.map(async (sign) => seen(sign, shellFor(sign.host))),
  ]);
  over.abort();
}

/** Ends early when interrupted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

/**
 * Resolves when the sign shows. Not being able to watch for it is no sign of anything: the timer ends the pause then.
 */
async function seen({ url }: Sign, shell: RemoteShell): Promise<void> {
  const loop = sh`until curl -q -fs -m 1 -o /dev/null "$0"; do sleep 0.1; done`.script;
  const watch = sh`timeout ${WATCH_SECONDS} sh -c ${loop} ${url}`;
  const result = await shell.run(watch, { deadlineMs: (WATCH_SECONDS + 5) * 1000 }).catch(() => undefined);
  if (result?.exitCode !== 0) await new Promise<never>(() => undefined);
}
