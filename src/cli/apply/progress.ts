import type { ApplyEvent } from "../../apply/events.ts";
import type { Screen } from "../screen.ts";
import { LiveRegion } from "./live-region.ts";
import { eventLines } from "./event-lines.ts";
import { advance, type ProgressState } from "./progress-state.ts";
import { lastingLine, liveLines } from "./progress-lines.ts";

/** Shows what an apply does while it does it. */
export interface Progress {
  readonly start: (note: string) => void;
  readonly onEvent: (event: ApplyEvent) => void;
  /** A remark that stays on the screen. */
  readonly say: (line: string) => void;
  /** Leaves the screen to somebody else until the next event. */
  readonly pause: () => void;
  readonly stop: () => void;
}

/** On a terminal lines that are drawn over; elsewhere one line for each thing that is done; with JSON logs nothing. */
export function progressOn(screen: Screen, now: () => number, wanted: boolean): Progress {
  if (!wanted) {
    return {
      start: () => {},
      onEvent: () => {},
      say: (line) => screen.remark(`${line}\n`),
      pause: () => {},
      stop: () => {},
    };
  }
  return screen.isTerminal ? liveProgress(screen, now) : lineProgress(screen);
}

function lineProgress(screen: Screen): Progress {
  let waitingFor = "";
  return {
    start: () => {},
    onEvent: (event) => {
      const lines = eventLines(event, screen.style);
      // The same wait is reported again and again; once is enough to read.
      const text = lines.join("\n");
      if (event.kind !== "waiting" || text !== waitingFor) {
        lines.forEach((line) => screen.print(`${line}\n`));
      }
      waitingFor = event.kind === "waiting" ? text : event.kind === "looked" ? waitingFor : "";
    },
    say: (line) => screen.print(`${line}\n`),
    pause: () => {},
    stop: () => {},
  };
}

const FRAME_MS = 100;

function liveProgress(screen: Screen, now: () => number): Progress {
  const region = new LiveRegion(screen.print);
  let state: ProgressState = { kind: "looking", note: "", sinceMs: now() };
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => region.draw(liveLines(state, now(), screen));
  const run = (): void => {
    timer ??= setInterval(draw, FRAME_MS).unref();
    draw();
  };
  const pause = (): void => {
    clearInterval(timer);
    timer = undefined;
    region.draw([]);
  };
  const leave = (): void => {
    const line = lastingLine(state, now(), screen);
    region.keep(line === undefined ? [] : [line]);
  };
  return {
    start: (note) => {
      state = { kind: "looking", note, sinceMs: now() };
      run();
    },
    onEvent: (event) => {
      const next = advance(state, event, now());
      if (next.kind !== state.kind || event.kind === "wave-started") {
        leave();
      }
      state = next;
      run();
    },
    say: (line) => region.keep([line]),
    pause,
    stop: () => {
      if (timer !== undefined) {
        leave();
      }
      pause();
      state = { kind: "looking", note: "", sinceMs: now() };
    },
  };
}
