import { ANNOTATIONS } from "../api/annotations.ts";
import type { PostgresHACluster } from "../api/index.ts";
import { askedAt } from "../reconcilers/restart-leave.ts";
import { switchoverAsked } from "../reconcilers/switchover-leave.ts";
import type { StoredResource } from "../state/live-resource.ts";
import { restartLeave } from "./restart-leave.ts";
import { switchoverLeave } from "./switchover-leave.ts";

/** Whether a person wants now what clients notice of a cluster: in general, or by asking for just that. */
export function outsideWindows(stored: StoredResource, cluster: PostgresHACluster, nowMs: number): boolean {
  const { metadata, status } = stored;
  if (metadata.annotations?.[ANNOTATIONS.outsideWindows] === "true") return true;
  const restart = restartLeave(stored, cluster, nowMs).begin ?? status?.operation;
  const { begin = status?.switchover } = switchoverLeave(stored, cluster, nowMs);
  return (
    (restart !== undefined && askedAt(restart) !== undefined) ||
    (begin !== undefined && switchoverAsked(begin) !== undefined)
  );
}
