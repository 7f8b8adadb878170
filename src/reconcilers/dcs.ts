import type { PostgresHACluster } from "../api/index.ts";
import type { DcsKind } from "./dcs/dcs.ts";
import { RAFT } from "./dcs/raft.ts";

/** Which DCS a cluster has. The one place that knows; who wants to know more of it asks the value. */
export function dcsKindOf(_cluster: PostgresHACluster): DcsKind {
  return RAFT;
}
