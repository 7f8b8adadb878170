import { CHRONY } from "../desired/base-services.ts";
import { sh } from "../shell/command.ts";
import type { Fact, FactOutput } from "./fact.ts";

/** What the time service of a host says of itself. */
export interface TimeFact {
  /** Undefined where it does not say: not every service can be asked. */
  readonly isSynchronised: boolean | undefined;
  /** Servers that the running chrony asks, as they were written, and whether one answers. */
  readonly sources: readonly { readonly name: string; readonly answers: boolean }[];
}

/**
 * Where nothing is `wanted`, nothing is asked. No names are looked up (-n), and servers are told as they were written
 * (-N). chronyc waits longer for a chronyd that does not answer than a look may take. systemd-timesyncd leaves a file
 * once it has set the clock.
 */
export function timeFact(wanted: boolean): Fact<TimeFact> {
  if (!wanted) return { command: sh`echo over`, parse };
  return {
    command: sh`
for d in /sys/fs/cgroup/system.slice /sys/fs/cgroup/systemd/system.slice; do
  if [ -e "$d"/${CHRONY.unit} ]; then
    echo chrony; timeout 2 chronyc -c -n -N -m tracking 'sources -a' 2>/dev/null || echo 'cut short'; break
  fi
done
if [ -e /run/systemd/timesync/synchronized ]; then echo timesyncd; fi
echo over`,
    parse,
  };
}

/** The fields of `tracking` and `sources` in chronyc(1); with -c they are parted by commas. */
function parse({ exitCode, stdout }: FactOutput): TimeFact {
  if (exitCode === 124 || !/^over$/m.test(stdout)) throw new Error("the host did not say who keeps its clock");
  const rows = stdout.split("\n").map((line) => line.split(","));
  const leap = rows.find((row) => row.length === 14)?.at(-1);
  // chronyc asks for one after the other, and gives up where chronyd is slow or has another number of them by then.
  const whole = /^cut short$/m.test(stdout) ? [] : rows;
  const sources = whole
    .filter(([mode = ""], row) => /^[\^=#]$/.test(mode) && (whole[row]?.length ?? 0) >= 6)
    .map(([, , name = "", , , reach]) => ({ name, answers: reach !== "0" }));
  if (/^chrony$/m.test(stdout)) return { isSynchronised: leap !== undefined && leap !== "Not synchronised", sources };
  return { isSynchronised: /^timesyncd$/m.test(stdout) ? true : undefined, sources };
}
