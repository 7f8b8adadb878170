import type { Reason } from "../reasons.ts";
import { describe } from "../changes/describe.ts";
import { kindOf } from "../changes/table.ts";
import type { Step } from "../plan/plan.ts";
import type { EventRecorder } from "../runtime/event-recorder.ts";
import type { Log } from "../runtime/log.ts";
import type { StoredResource } from "../state/live-resource.ts";
import { atHost } from "../text/at-host.ts";

/**
 * Tells people what was done to a resource, and what was refused: as an event of the resource, and as a line in the
 * operator's log, which others collect and which lasts. Reasons have headings in docs/operations.md.
 */
export interface Announcer {
  /** Steps of one wave that were done: one event for each kind of change, one line for each step. */
  done(stored: StoredResource, steps: readonly Step[]): void;
  normal(stored: StoredResource, reason: Reason, action: string, note: string, host?: string): void;
  warning(stored: StoredResource, reason: Reason, action: string, note: string, host?: string): void;
  /** A line alone, for what people look for afterwards, or for what an event tells already. */
  logged(
    level: "info" | "warn",
    stored: StoredResource,
    reason: Reason,
    action: string,
    note: string,
    host?: string,
  ): void;
}

export function announcer(recorder: EventRecorder<string>, log: Log): Announcer {
  const record = (
    stored: StoredResource,
    type: "Normal" | "Warning",
    reason: string,
    action: string,
    note: string,
  ): void => {
    const { apiVersion = "", kind = "", metadata } = stored;
    const { name, namespace, uid, resourceVersion } = metadata;
    recorder.record({
      regarding: {
        apiVersion,
        kind,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
      type,
      reason,
      action,
      note,
    });
  };
  const logged = (
    level: "info" | "warn",
    { kind, metadata }: StoredResource,
    reason: string,
    action: string,
    note: string,
    host?: string,
  ): void => log[level](note, { kind, namespace: metadata.namespace, name: metadata.name, host, reason, action });
  const both =
    (type: "Normal" | "Warning", level: "info" | "warn"): Announcer["normal"] =>
    (stored, reason, action, note, host) => {
      record(stored, type, reason, action, atHost(host, note));
      logged(level, stored, reason, action, note, host);
    };
  return {
    done(stored, steps) {
      for (const { change, host, because } of steps)
        logged("info", stored, kindOf(change).event, "Apply", `${describe(change)}: ${because}`, host);
      for (const [event, same] of Map.groupBy(steps, ({ change }) => kindOf(change).event))
        record(
          stored,
          "Normal",
          event,
          "Apply",
          same.map((step) => atHost(step.host, describe(step.change))).join("; "),
        );
    },
    normal: both("Normal", "info"),
    warning: both("Warning", "warn"),
    logged,
  };
}
