import { ANNOTATIONS, restartIn } from "../api/annotations.ts";
import type { PostgresHACluster } from "../api/index.ts";
import { annotationId, askedAt } from "../reconcilers/restart-leave.ts";
import type { RestartLeave } from "../reconcilers/restart-leave.ts";
import type { StoredResource } from "../state/live-resource.ts";
import { isOfThisLife } from "./of-this-life.ts";

/** What may be restarted of a cluster in Kubernetes: what its annotation asks for once, or what the spec allows. */
export function restartLeave(
  { metadata, status }: StoredResource,
  { spec }: PostgresHACluster,
  nowMs: number,
): RestartLeave {
  const value = metadata.annotations?.[ANNOTATIONS.restartAt];
  const { operation, restartedAt } = status ?? {};
  const begin =
    value !== undefined && value !== restartedAt && isMeantNow(value, metadata.creationTimestamp, nowMs)
      ? { id: annotationId(value), asked: restartIn(value)?.pendingOnly === false }
      : spec.disruption === "Allow"
        ? { id: ALLOWED, asked: false }
        : undefined;
  return {
    wayOut:
      `Let it happen once: kubectl annotate --overwrite postgreshacluster ${metadata.name} -n ` +
      `${metadata.namespace ?? ""} ${ANNOTATIONS.restartAt}=pending-$(date +%s); or always, one member at a ` +
      "time: spec.disruption: Allow",
    ...(begin === undefined ? {} : { begin }),
    ...(operation === undefined || isWantedStill(operation, value, spec) ? {} : { withdrawn: operation.id }),
  };
}

const ALLOWED = "spec.disruption: Allow";

/** Who takes the annotation back, or writes another, or allows it no more, does not want the rest of it. */
function isWantedStill(
  operation: { readonly id: string },
  value: string | undefined,
  { disruption }: PostgresHACluster["spec"],
): boolean {
  const begun = askedAt(operation);
  return begun === undefined ? operation.id !== ALLOWED || disruption === "Allow" : begun === value;
}

function isMeantNow(value: string, created: string | undefined, nowMs: number): boolean {
  const asked = restartIn(value);
  return asked !== undefined && isOfThisLife(asked.timeMs, created, nowMs);
}
