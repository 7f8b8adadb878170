import type { Stage } from "./plan.ts";

/** A stage for people. */
export function stageTitle(stage: Stage): string {
  switch (stage) {
    case "record":
      return "records";
    case "prepare":
      return "preparation";
    case "services":
      return "services";
    case "data":
      return "roles and databases";
    case "settle":
      return "settling";
  }
}
