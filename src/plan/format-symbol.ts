import type { Style } from "../text/style.ts";
import type { Impact, Step } from "./plan.ts";

/** What a step does at a glance: something new, something changed, loaded anew, noticed by clients, or taken away. */
export type Action = "create" | "change" | "reload" | "restart" | "remove";

export function actionOf(step: Step): Action {
  if (isRemoval(step)) {
    return "remove";
  }
  if (step.impact === "restart" || step.impact === "disruptive") {
    return "restart";
  }
  const { change } = step;
  switch (change.kind) {
    case "write-file":
      return change.before.kind === "absent" ? "create" : "change";
    case "make-directory":
      return change.before.kind === "absent" ? "create" : "change";
    case "write-secret":
      return change.how === "generate" ? "create" : "change";
    case "restart-unit":
      return "restart";
    case "reload-unit":
      return "reload";
    case "arrange-units":
    case "patch-dynamic-configuration":
    case "restore-hba":
    case "alter-role":
    case "alter-database":
      return step.impact === "reload" ? "reload" : "change";
    case "install-packages":
    case "push-artifact":
    case "start-unit":
    case "create-role":
    case "create-database":
    case "create-extension":
    case "record-bootstrap-intent":
      return "create";
    case "stop-unit":
    case "remove-own-files":
    case "remove-data":
      return "remove";
  }
}

function isRemoval({ change: { kind } }: Step): boolean {
  return kind === "stop-unit" || kind === "remove-own-files" || kind === "remove-data";
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
