import { setConditions } from "./set-conditions.ts";
import type { ResourceStatus } from "./status.ts";

/** Nothing is touched, since a person asked for that; what would be done is reported all the same. */
export function handsOff(report: ResourceStatus, reason: "Paused" | "ObserveOnly"): ResourceStatus {
  const message = reason === "Paused" ? "paused: looked at, not touched" : "observe-only: looked at, not touched";
  const amended = setConditions(
    report,
    { Paused: { status: "True", reason, message }, Progressing: { status: "False", reason, message } },
    ["Reconciling"],
  );
  return { ...amended, phase: reason };
}
