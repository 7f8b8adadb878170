import type { Change } from "../changes/change.ts";
import { describe } from "../changes/describe.ts";
import type { Step } from "../plan/plan.ts";
import type { EventRecorder } from "../runtime/event-recorder.ts";
import type { StoredResource } from "../state/live-resource.ts";

/** Tells people what was done to a resource, and what was refused. Reasons have headings in docs/operations.md. */
export interface Announcer {
  /** Steps of one wave that were done, one event for each kind of change. */
  done(stored: StoredResource, steps: readonly Step[]): void;
  normal(stored: StoredResource, reason: string, action: string, note: string): void;
  warning(stored: StoredResource, reason: string, action: string, note: string): void;
}

/** What a change is called in an event, once it is done. */
export const ACTS: Readonly<Record<Change["kind"], string>> = {
  "write-secret": "SecretWritten",
  "record-bootstrap-intent": "BootstrapIntended",
  "write-file": "FileWritten",
  "make-directory": "DirectoryMade",
  "install-packages": "PackagesInstalled",
  "push-artifact": "ArtifactPushed",
  "arrange-units": "UnitsArranged",
  "start-unit": "UnitStarted",
  "reload-unit": "UnitReloaded",
  "restart-unit": "UnitRestarted",
  "patch-dynamic-configuration": "DynamicConfigurationChanged",
  "create-role": "RoleCreated",
  "alter-role": "RoleAltered",
  "create-database": "DatabaseCreated",
  "alter-database": "DatabaseAltered",
  "create-extension": "ExtensionCreated",
  "stop-unit": "UnitStopped",
  "remove-own-files": "FilesRemoved",
  "remove-data": "DataDeleted",
};

export function announcer(recorder: EventRecorder<string>): Announcer {
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
  return {
    done(stored, steps) {
      for (const [kind, same] of Map.groupBy(steps, (step) => step.change.kind)) {
        const note = same
          .map((step) => `${step.host === undefined ? "" : `${step.host}: `}${describe(step.change)}`)
          .join("; ");
        record(stored, "Normal", ACTS[kind], "Apply", note);
      }
    },
    normal: (stored, reason, action, note) => record(stored, "Normal", reason, action, note),
    warning: (stored, reason, action, note) => record(stored, "Warning", reason, action, note),
  };
}
