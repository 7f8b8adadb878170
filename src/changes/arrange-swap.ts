import { FSTAB_MARK } from "../desired/base-system.ts";
import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";

export interface ArrangeSwap {
  readonly kind: "arrange-swap";
  /** Devices and files to stop swapping to. */
  readonly off: readonly string[];
  /** What to do about lines of /etc/fstab; undefined where these are right. */
  readonly fstab: "comment" | "restore" | undefined;
}

export const arrangeSwap: HostChangeKind<ArrangeSwap> = {
  kind: "arrange-swap",
  describe: ({ off, fstab }) =>
    [
      ...(off.length === 0 ? [] : [`turn swap off: ${off.join(", ")}`]),
      ...(fstab === undefined ? [] : [FSTAB_WORDS[fstab]]),
    ].join("; "),
  target: ({ off, fstab }) => [...off, ...(fstab === undefined ? [] : ["/etc/fstab"])].join(" "),
  action: "change",
  event: "SwapArranged",
  undoneBy: "nobody",
  undoneElsewhere: "Something else on that host turns it on. Look for zram-generator, or a unit that ends in .swap.",
  command: arrange,
  // What was swapped out is read again.
  deadlineMs: 600_000,
};

const FSTAB_WORDS = {
  comment: "comment swap out in /etc/fstab",
  restore: "put the lines of swap back that pgha commented out in /etc/fstab",
} as const;

/** The file first: should the host go down meanwhile, it comes up without. */
function arrange({ off, fstab }: ArrangeSwap): Command {
  const edits = {
    comment: sh`awk -v mark=${FSTAB_MARK} '/^[[:space:]]*#/ || $3 != "swap" { print; next } { print mark $0 }'`,
    restore: sh`awk -v mark=${FSTAB_MARK} 'index($0, mark) == 1 { $0 = substr($0, length(mark) + 1) } { print }'`,
  };
  return script([
    ...(fstab === undefined
      ? []
      : [
          sh`new=/etc/fstab.pgha-new; trap 'rm -f "$new"' EXIT; cp -p /etc/fstab "$new"`,
          sh`${edits[fstab]} /etc/fstab >"$new"`,
          sh`sync "$new"; mv -T -f "$new" /etc/fstab; sync /etc`,
        ]),
    ...off.map((path) => sh`swapoff -- ${path}`),
  ]);
}
