import { describe } from "../../changes/describe.ts";
import { stageTitle } from "../../plan/format-stage.ts";
import type { Wait } from "../../plan/plan.ts";
import { duration } from "../../text/duration.ts";
import { padEnd, width } from "../../text/layout.ts";
import { namesHost } from "../../text/at-host.ts";
import { printable } from "../../text/printable.ts";
import type { Style } from "../../text/style.ts";
import { count } from "../../text/words.ts";
import { isOver } from "./progress-state.ts";
import type { HostProgress, ProgressState } from "./progress-state.ts";

interface Screen {
  readonly style: Style;
  readonly columns: number;
}

/** What to show right now: lines that are drawn over again and again, none wider than the screen. */
export function liveLines(state: ProgressState, nowMs: number, screen: Screen): readonly string[] {
  const spinner = screen.style.accent(FRAMES[Math.floor(nowMs / 100) % FRAMES.length] ?? "");
  switch (state.kind) {
    case "looking":
      return [`${spinner} ${state.note}${elapsed(nowMs - state.sinceMs)}`];
    case "waiting":
      return state.waits.map((wait) =>
        cut(`${spinner} waiting for ${waitText(wait)}${elapsed(nowMs - state.sinceMs)}`, screen.columns),
      );
    case "wave": {
      const name = Math.max(...state.hosts.map((host) => width(nameOf(host))));
      const done = state.hosts.every(isOver) ? ["looking at what that changed"] : [];
      return [
        screen.style.bold(stageTitle(state.stage)),
        ...state.hosts.map((host) => cut(hostLine(host, name, spinner, nowMs, screen.style), screen.columns)),
        ...done.map((note) => `${spinner} ${note}`),
      ];
    }
  }
}

/** What stays on the screen once a wave or a wait is over; undefined for what is not worth a line. */
export function lastingLine(state: ProgressState, nowMs: number, { style }: Screen): string | undefined {
  switch (state.kind) {
    case "looking":
      return undefined;
    case "waiting":
      return (
        `${style.dim("…")} waited ${duration(nowMs - state.sinceMs)} ` + `for ${state.waits.map(waitText).join("; ")}`
      );
    case "wave": {
      const done = state.hosts.reduce((sum, host) => sum + host.done, 0);
      const total = state.hosts.reduce((sum, host) => sum + host.total, 0);
      const sign = state.hosts.some((host) => host.failed)
        ? style.bad("✗")
        : done === total
          ? style.good("✓")
          : style.caution("~");
      const end = Math.max(...state.hosts.map((host) => host.endMs ?? nowMs));
      const hosts = state.hosts.filter((host) => host.host !== undefined).length;
      const steps = done === total ? count(total, "step") : `${done} of ${count(total, "step")}`;
      return (
        `${sign} ${stageTitle(state.stage)}: ` +
        `${steps}${hosts === 0 ? "" : ` on ${count(hosts, "host")}`} ` +
        `${style.dim(`in ${duration(end - state.sinceMs)}`)}`
      );
    }
  }
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

function hostLine(host: HostProgress, name: number, spinner: string, nowMs: number, style: Style): string {
  const start = `${padEnd(nameOf(host), name)}  ${padEnd(`${host.done}/${host.total}`, 5)}`;
  if (host.current !== undefined) {
    const sign = host.failed ? style.bad("✗") : spinner;
    const { far, sinceMs } = host.current;
    const went = far === undefined ? "" : `: ${printable(far)}`;
    const time = host.failed ? " failed" : `${elapsed(nowMs - sinceMs)}${went}`;
    return `  ${sign} ${start} ${printable(describe(host.current.step.change))}${time}`;
  }
  return `  ${isOver(host) ? style.good("✓") : style.dim("·")} ${start}`.trimEnd();
}

function nameOf({ host }: HostProgress): string {
  return host ?? "here";
}

export function waitText(wait: Wait): string {
  const { host, for: what } = wait;
  return printable(host === undefined || namesHost(what, host) ? what : `${what} (${host})`);
}

/** Nothing in the first second: short things need no clock. */
function elapsed(milliseconds: number): string {
  return milliseconds < 1000 ? "" : ` ${Math.floor(milliseconds / 1000)} s`;
}

/** A line that wrapped would spoil the drawing over. Colour codes are at its start only, so the cut is simple. */
function cut(line: string, columns: number): string {
  const excess = width(line) - (columns - 1);
  return excess <= 0 ? line : `${line.slice(0, line.length - excess - 1)}…`;
}
