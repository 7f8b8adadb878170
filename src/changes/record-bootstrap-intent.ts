import type { ChangeKind } from "./change-kind.ts";

/** The controlling side's own: src/reconcilers/record.ts carries it out. */
export interface RecordBootstrapIntent {
  readonly kind: "record-bootstrap-intent";
  readonly members: readonly string[];
}

export const recordBootstrapIntent: ChangeKind<RecordBootstrapIntent> = {
  kind: "record-bootstrap-intent",
  describe: ({ members }) => `record that ${members.join(", ")} are about to be bootstrapped`,
  target: ({ members }) => members.join(" "),
  action: "create",
  event: "BootstrapIntended",
  undoneBy: "nobody",
};
