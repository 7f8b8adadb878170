import type { Action } from "../changes/change-kind.ts";
import { kindOf } from "../changes/table.ts";
import type { Style } from "../text/style.ts";
import type { Impact, Step } from "./plan.ts";

/** What a step does at a glance: what its change does, or what clients notice of it where that is more. */
export function actionOf({ change, impact }: Step): Action {
  const { action } = kindOf(change);
  const own = typeof action === "string" ? action : action(change);
  if (own === "remove") return own;
  if (impact === "restart" || impact === "disruptive") return "restart";
  return own === "change" && impact === "reload" ? "reload" : own;
}

export function symbolOf(step: Step, style: Style): string {
  switch (actionOf(step)) {
    case "create":
      return style.good("+");
    case "change":
      return style.caution("~");
    case "reload":
      return style.caution("↻");
    case "restart":
      return style.bad("!");
    case "remove":
      return style.bad("-");
  }
}

/** Shown behind a step that clients may notice; empty for one they can't. */
export function markOf(impact: Impact, style: Style): string {
  switch (impact) {
    case "none":
      return "";
    case "reload":
      return style.caution("[reload]");
    case "noticed":
      return style.bad("[noticed]");
    case "restart":
      return style.bad("[restart]");
    case "disruptive":
      return style.bad("[disruptive]");
  }
}
