import { list } from "../text/words.ts";
import type { ChangeKind } from "./change-kind.ts";

/** The controlling side's own: src/reconcilers/record.ts carries it out. */
export interface RecordOperation {
  readonly kind: "record-operation";
  readonly id: string;
  readonly operation: "restart";
  readonly members: readonly OperationMember[];
}

/** Whom an operation is about. */
export interface OperationMember {
  readonly name: string;
  /** Whether it is to restart in any case; else only while something waits for that. */
  readonly asked: boolean;
  /** Which process of PostgreSQL ran when it was decided: another one is a restart since, whatever clocks say. */
  readonly postmaster?: string;
}

export const recordOperation: ChangeKind<RecordOperation> = {
  kind: "record-operation",
  describe: ({ members }) =>
    members.length === 0
      ? "record that no member waits for a restart"
      : `record that ${list(members.map(({ name }) => name))} ${members.length === 1 ? "is" : "are"} about ` +
        "to be restarted",
  target: ({ members }) => members.map(({ name }) => name).join(" "),
  action: "create",
  event: "RestartIntended",
  undoneBy: "nobody",
};
