import type { ChangeKind } from "./change-kind.ts";

/** The controlling side's own: src/reconcilers/record.ts carries it out. */
export interface RecordReinit {
  readonly kind: "record-reinit";
  readonly member: string;
  /** Which copy of the data is to be given up. */
  readonly copy: string;
}

export const recordReinit: ChangeKind<RecordReinit> = {
  kind: "record-reinit",
  describe: ({ member }) => `record that the data of ${member} is to be copied anew`,
  target: ({ member }) => member,
  action: "create",
  event: "ReinitIntended",
  undoneBy: "nobody",
};
