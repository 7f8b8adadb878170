import type { ServiceResource } from "../kinds.ts";
import { shown } from "../shown.ts";
import { scheduleFault, timeZoneFault } from "../windows.ts";
import { problem, type Finding } from "./finding.ts";

/** A window that nobody can read would be one that never opens. */
export function* windowRules(resources: readonly ServiceResource[]): Iterable<Finding> {
  for (const resource of resources) {
    if (resource.kind !== "PostgresHACluster") continue;
    for (const [index, window] of resource.spec.maintenance.windows.entries()) {
      const path = `spec.maintenance.windows[${index}]`;
      const schedule = scheduleFault(window);
      if (schedule !== undefined)
        yield problem(
          resource,
          `${path}.schedule`,
          `${shown(window.schedule)} ${schedule}`,
          "write minute, hour, day of month, month and day of week, such as '0 3 * * SAT'",
        );
      const zone = timeZoneFault(window);
      if (zone !== undefined)
        yield problem(
          resource,
          `${path}.timeZone`,
          `${shown(window.timeZone ?? "")} ${zone}`,
          "write one such as Europe/Paris",
        );
    }
  }
}
