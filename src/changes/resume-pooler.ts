import type { HostChangeKind } from "./change-kind.ts";
import { letGo } from "./hold-way.ts";

export interface ResumePooler {
  readonly kind: "resume-pooler";
  readonly unit: string;
  readonly port: number;
}

/** A PgBouncer that pgha paused and nobody resumed: its clients wait. One that a person paused is left alone. */
export const resumePooler: HostChangeKind<ResumePooler> = {
  kind: "resume-pooler",
  describe: () => "let PgBouncer's clients go on",
  target: ({ unit }) => unit,
  action: "change",
  event: "PoolerResumed",
  undoneBy: "service",
  command: ({ port }) => letGo(port),
};
