import type { HAProxyPool, PgBouncerPool, PostgresHACluster } from "../api/index.ts";
import type { Outcome, ApplyEvent } from "../apply/events.ts";
import type { Plan } from "../plan/plan.ts";
import type { RemoteShell } from "../shell/shell.ts";
import type { ResourceStatus } from "../status/status.ts";

/** The resources one pass is about, parsed, defaulted and validated together. */
export interface Stack {
  readonly clusters: readonly PostgresHACluster[];
  readonly haproxyPools: readonly HAProxyPool[];
  readonly pgbouncerPools: readonly PgBouncerPool[];
}

/** One look at everything, what it means, and what would be done about it. */
export interface Pass {
  readonly plan: Plan;
  /** By `Kind/name`, in the order of the stack. */
  readonly statuses: ReadonlyMap<string, ResourceStatus>;
}
