import type { Sign, Wait } from "../plan/plan.ts";
import { sh } from "../shell/command.ts";
import type { RemoteShell } from "../shell/shell.ts";

/** Between two looks when nothing tells that something happened. */
const POLL_MS = 500;
/** The longest time without a look while signs are watched for. */
const WATCH_SECONDS = 6;

/**
 * Pauses between two looks at something under way. Where there are signs to watch for, their hosts watch for them, a
 * curl every tenth of a second, which costs less and tells sooner than looking. Ends early when interrupted.
 */
export async function pauseUntilWorthALook(
  waits: readonly Wait[],
  shellFor: (host: string) => RemoteShell,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const signs = waits[0]?.signs ?? [];
  const { promise: interrupted, resolve } = Promise.withResolvers<void>();
  const onAbort = (): void => resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(resolve, signs.length === 0 ? POLL_MS : WATCH_SECONDS * 1000);
  await Promise.race([interrupted, ...signs.map((sign) => seen(sign, shellFor(sign.host)))]);
  clearTimeout(timer);
  signal.removeEventListener("abort", onAbort);
}

/**
 * Resolves when the sign shows. Not being able to watch for it is no sign of anything: the timer ends the pause then.
 */
async function seen({ url }: Sign, shell: RemoteShell): Promise<void> {
  const watch = sh`timeout ${WATCH_SECONDS} sh -c ${'until curl -q -fs -m 1 -o /dev/null "$0"; do sleep 0.1; done'} ${url}`;
  const result = await shell.run(watch, { deadlineMs: (WATCH_SECONDS + 5) * 1000 }).catch(() => undefined);
  if (result?.exitCode !== 0) await new Promise<never>(() => undefined);
}
