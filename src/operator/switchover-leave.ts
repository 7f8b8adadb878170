import { ANNOTATIONS, switchoverIn } from "../api/annotations.ts";
import type { PostgresHACluster } from "../api/index.ts";
import { switchoverAsked, switchoverId } from "../reconcilers/switchover-leave.ts";
import type { SwitchoverLeave } from "../reconcilers/switchover-leave.ts";
import type { StoredResource } from "../state/live-resource.ts";
import { isOfThisLife } from "./of-this-life.ts";

/** What the annotation asks for once, and whether what it asked for before is still wanted. */
export function switchoverLeave(
  { metadata, status }: StoredResource,
  { spec }: PostgresHACluster,
  nowMs: number,
): SwitchoverLeave {
  const value = metadata.annotations?.[ANNOTATIONS.switchoverTo];
  const { switchover, switchedTo } = status ?? {};
  const asked = value === undefined || value === switchedTo ? undefined : switchoverIn(value);
  const isMeant =
    asked !== undefined &&
    (asked.to === undefined || spec.hosts.some(({ name }) => name === asked.to)) &&
    isOfThisLife(asked.timeMs, metadata.creationTimestamp, nowMs);
  const begun = switchover === undefined ? undefined : switchoverAsked(switchover);
  return {
    ...(isMeant && value !== undefined
      ? { begin: { id: switchoverId(value), ...(asked.to === undefined ? {} : { to: asked.to }) } }
      : {}),
    // Who takes the annotation back, or writes another, does not want it any more.
    ...(switchover === undefined || begun === undefined || begun === value ? {} : { withdrawn: switchover.id }),
  };
}
