import type { ChangeKind } from "./change-kind.ts";

/** The controlling side's own: src/reconcilers/record.ts carries it out. */
export interface RecordSwitchover {
  readonly kind: "record-switchover";
  /** What asked for it. */
  readonly id: string;
  readonly from: string;
  readonly to?: string;
  readonly force?: true;
}

export const recordSwitchover: ChangeKind<RecordSwitchover> = {
  kind: "record-switchover",
  describe: ({ from, to }) => `record that ${to ?? "another member"} is to lead instead of ${from}`,
  target: ({ from }) => from,
  action: "create",
  event: "SwitchoverIntended",
  undoneBy: "nobody",
};
