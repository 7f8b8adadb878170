import type { HostFindings } from "../../plan/findings.ts";
import type { Step } from "../../plan/plan.ts";
import { list } from "../../text/words.ts";
import { baseStep } from "./base-step.ts";
import type { DesiredBase } from "./desire.ts";
import type { BaseFacts } from "./observe.ts";

type Facts = Pick<BaseFacts, "base">;

/** Memory that must be left when all that was swapped out is back. */
const ROOM_MIB = 256;

/** Turns swap off, and comments it out for the next boot; what pgha commented comes back with the spec. */
export function swapSteps(resource: string, host: DesiredBase, facts: Facts): readonly Step[] {
  const { active, inFstab, commented } = facts.base.swap;
  const step = (change: Step["change"], because: string): Step =>
    baseStep(resource, host, { what: "swap", change, because });
  if (!host.noSwap)
    return commented === 0
      ? []
      : [
          step(
            { kind: "arrange-swap", off: [], fstab: "restore" },
            "the spec says nothing of swap any more; it comes back with the next boot",
          ),
        ];
  const off = hasRoom(facts) ? active.map(({ path }) => path) : [];
  if (off.length === 0 && inFstab.length === 0) return [];
  return [
    step(
      { kind: "arrange-swap", off, fstab: inFstab.length === 0 ? undefined : "comment" },
      off.length === 0 ? "it would come back with the next boot" : "a PostgreSQL that swaps misses its renewals",
    ),
  ];
}

/** Why it is not off though the spec asks for it. */
export function tellSwap(host: DesiredBase, facts: Facts, found: HostFindings): void {
  if (!host.noSwap || hasRoom(facts)) return;
  const { availableMiB, swap } = facts.base;
  found.block(
    "SwapInUse",
    `${usedMiB(facts)} MiB are swapped out to ${list(swap.active.map(({ path }) => path))}, and ` +
      `${availableMiB} MiB of memory are free: to turn it off now would end programs`,
    "Give it more memory, or stop what takes it; or reboot it at a time that suits: swap is out of its /etc/fstab.",
  );
}

function hasRoom(facts: Facts): boolean {
  const used = usedMiB(facts);
  return used === 0 || facts.base.availableMiB >= used + ROOM_MIB;
}

function usedMiB({ base }: Facts): number {
  return base.swap.active.reduce((sum, one) => sum + one.usedMiB, 0);
}
