import type { ChangeKind } from "./change-kind.ts";

/** The controlling side's own: src/reconcilers/record.ts carries it out. */
export interface WriteSecret {
  readonly kind: "write-secret";
  readonly secret: string;
  readonly purpose: string;
  readonly how: "generate" | "complete" | "renew" | "rotate";
}

export const writeSecret: ChangeKind<WriteSecret> = {
  kind: "write-secret",
  describe: ({ how, secret, purpose }) => `${how} secret ${secret} (${purpose})`,
  target: ({ secret }) => secret,
  action: ({ how }) => (how === "generate" ? "create" : "change"),
  event: "SecretWritten",
  undoneBy: "nobody",
  undoneElsewhere:
    "Something else writes that Secret (a copy that is applied again, external-secrets?). Find it, then run again.",
};
