import type { HostChangeKind } from "./change-kind.ts";
import { endDrain } from "./drain.ts";

export interface EndDrain {
  readonly kind: "end-drain";
  readonly unit: string;
  readonly member: string;
}

/** Readers that pgha led past a member, and nobody led back. What a person drained is left alone. */
export const endDrainChange: HostChangeKind<EndDrain> = {
  kind: "end-drain",
  describe: ({ member }) => `let HAProxy send readers to ${member} again`,
  target: ({ unit }) => unit,
  action: "change",
  event: "ReadersReturned",
  undoneBy: "service",
  command: endDrain,
};
