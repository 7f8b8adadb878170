import type { HostFindings } from "../../plan/findings.ts";
import type { Step } from "../../plan/plan.ts";
import { NR_HUGE_PAGES } from "../../desired/base-system.ts";
import { hugePagesOn } from "./base-host.ts";
import type { DesiredBase } from "./desire.ts";
import type { BaseFacts } from "./observe.ts";

type Facts = Pick<BaseFacts, "base" | "system">;

/** Memory that must be left for all else once they are reserved. */
const ROOM_MIB = 512;

/** How many a member is to have, and has; undefined where none are asked for, or enough are there. */
function missing(host: DesiredBase, { base, system }: Facts) {
  const pages = hugePagesOn(host, system);
  const found = base.sysctl[NR_HUGE_PAGES];
  if (pages === undefined || found?.kind !== "value" || Number(found.value) >= pages) return undefined;
  const takesMiB = ((pages - Number(found.value)) * (system.hugePageKiB ?? 0)) / 1024;
  return { pages, found, isFree: base.availableMiB >= takesMiB + ROOM_MIB, isTried: base.hugePagesTried === pages };
}

export function hugePagesSteps(resource: string, host: DesiredBase, facts: Facts): readonly Step[] {
  const lack = missing(host, facts);
  if (lack === undefined || !lack.found.writable || !lack.isFree || lack.isTried) return [];
  return [
    {
      id: `${host.name}/${resource}/huge pages`,
      resource,
      host: host.name,
      stage: "prepare",
      impact: "none",
      change: { kind: "reserve-huge-pages", pages: lack.pages, before: lack.found.value },
      because: "shared_buffers take as many",
    },
  ];
}

/** Why a reboot is needed for them; undefined where it is not. */
export function whyRebootForHugePages(host: DesiredBase, facts: Facts): string | undefined {
  const lack = missing(host, facts);
  if (lack === undefined || !lack.found.writable || (lack.isFree && !lack.isTried)) return undefined;
  return `it has ${lack.found.value} of ${lack.pages} huge pages, and no more can be had of its memory as it is in use`;
}

export function tellHugePages(host: DesiredBase, facts: Facts, found: HostFindings): void {
  const why = whyRebootForHugePages(host, facts);
  if (why !== undefined)
    found.block("RebootNeeded", why, "Reboot it at a time that suits: what the next boot reserves is written down.");
  const lack = missing(host, facts);
  if (lack?.found.writable === false)
    found.block(
      "SysctlUnavailable",
      `vm.nr_hugepages is ${lack.found.value} instead of ${lack.pages}, and pgha cannot set it`,
      "In a container, set it on the machine that runs it, or leave spec.hugePages out.",
    );
}
