import { Cron } from "croner";

export interface MaintenanceWindow {
  readonly schedule: string;
  readonly durationMinutes: number;
  /** Left out, UTC. */
  readonly timeZone?: string;
}

/** Whether a window is open, and until when; else when the next begins. Milliseconds since the epoch. */
export type WindowAt =
  | { readonly open: true; readonly untilMs: number }
  | { readonly open: false; readonly nextMs: number };

/** Undefined where there are no windows. A time that a change of clocks leaves out comes when clocks are past it. */
export function windowAt(windows: readonly MaintenanceWindow[], nowMs: number): WindowAt | undefined {
  if (windows.length === 0) return undefined;
  const begins = windows.map((window) => {
    const lastsMs = window.durationMinutes * 60_000;
    // Who begins later than this has not ended; the last of those that began counts, as they may overlap.
    const first = nextOf(window, nowMs - lastsMs);
    return { window, lastsMs, first };
  });
  const open = begins.filter(({ first }) => first <= nowMs).map(({ first, lastsMs }) => first + lastsMs);
  return open.length > 0
    ? { open: true, untilMs: Math.max(...open) }
    : { open: false, nextMs: Math.min(...begins.map(({ first }) => first)) };
}

/** What is wrong with a schedule or a time zone, in words that go on from its value; undefined where nothing is. */
export function scheduleFault({ schedule }: Pick<MaintenanceWindow, "schedule">): string | undefined {
  try {
    return new Cron(schedule, { paused: true, mode: "5-part" }).nextRun() === null ? "never comes" : undefined;
  } catch (error) {
    return `is no schedule: ${error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error)}`;
  }
}

export function timeZoneFault({ timeZone = "UTC" }: Pick<MaintenanceWindow, "timeZone">): string | undefined {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return undefined;
  } catch {
    return "is no time zone of the IANA database";
  }
}

/** The first beginning after a moment. */
function nextOf({ schedule, timeZone = "UTC" }: MaintenanceWindow, afterMs: number): number {
  const next = new Cron(schedule, { paused: true, timezone: timeZone, mode: "5-part" }).nextRun(new Date(afterMs));
  return next?.getTime() ?? Infinity;
}
