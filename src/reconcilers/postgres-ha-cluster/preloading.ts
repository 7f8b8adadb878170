import type { Plan, Step } from "../../plan/plan.ts";
import { preloadingOf } from "../../plan/preloading.ts";
import type { DesiredCluster } from "./desire.ts";
import type { ClusterFacts } from "./observe.ts";

/**
 * Steps without the extensions that the leader cannot create yet: what their library waits for is a restart, which is
 * told by itself, or a setting, which only people can write.
 */
export function withoutUnloaded(
  desired: DesiredCluster,
  leader: string,
  steps: readonly Step[],
  sql: NonNullable<ClusterFacts["sql"]>,
): Pick<Plan, "steps" | "blockers"> {
  const { parameters } = desired.dynamicConfiguration.postgresql;
  const stateOf = ({ change }: Step) =>
    change.kind === "create-extension" ? preloadingOf(change.extension, parameters, sql) : "loaded";
  return {
    steps: steps.filter((step) => stateOf(step) === "loaded"),
    blockers: steps.flatMap((step) =>
      step.change.kind === "create-extension" && stateOf(step) === "not asked for"
        ? [
            {
              resource: desired.resolved.name,
              host: leader,
              scope: "disruptive",
              reason: "ExtensionUnavailable",
              why:
                `the extension ${step.change.extension} of ${step.change.database} can be created only ` +
                "where it is preloaded",
              wayOut:
                `Add ${step.change.extension} to spec.postgresql.parameters.shared_preload_libraries, ` +
                "or take it out of spec.databases[].extensions.",
            },
          ]
        : [],
    ),
  };
}
