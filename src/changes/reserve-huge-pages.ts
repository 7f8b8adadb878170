import { HUGE_PAGES_TRIED } from "../desired/base-system.ts";
import { directoryOf } from "./directory-of.ts";
import { script, sh } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";

export interface ReserveHugePages {
  readonly kind: "reserve-huge-pages";
  readonly pages: number;
  readonly before: string;
}

/** As many as the kernel finds at once; that it was tried is noted until the next boot, which finds them all. */
export const reserveHugePages: HostChangeKind<ReserveHugePages> = {
  kind: "reserve-huge-pages",
  describe: ({ pages, before }) => `reserve ${pages} huge pages (vm.nr_hugepages, now ${before})`,
  target: () => "vm.nr_hugepages",
  action: "change",
  event: "HugePagesReserved",
  undoneBy: "nobody",
  undoneElsewhere: "Something else on that host sets vm.nr_hugepages. Look for tuned, or scripts that call sysctl.",
  command: ({ pages }) =>
    script([
      sh`printf '%s\n' ${pages} >/proc/sys/vm/nr_hugepages`,
      sh`mkdir -p ${directoryOf(HUGE_PAGES_TRIED)}; printf '%s\n' ${pages} >${HUGE_PAGES_TRIED}`,
    ]),
};
