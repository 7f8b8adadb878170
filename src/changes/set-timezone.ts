import { script, sh } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";

export interface SetTimezone {
  readonly kind: "set-timezone";
  readonly timezone: string;
  /** Empty where none was set. */
  readonly before: string;
}

/** As timedatectl does it (localtime(5)), without the bus; /etc/timezone where the distribution still keeps it. */
export const setTimezone: HostChangeKind<SetTimezone> = {
  kind: "set-timezone",
  describe: ({ timezone, before }) => `set the time zone ${timezone}${before === "" ? "" : ` (now ${before})`}`,
  target: () => "/etc/localtime",
  action: "change",
  event: "TimezoneSet",
  undoneBy: "nobody",
  undoneElsewhere: "Something else on that host sets it. Look for a cloud agent or configuration management.",
  command: ({ timezone }) =>
    script([
      sh`zone=${`/usr/share/zoneinfo/${timezone}`}
[ -f "$zone" ] || { echo "there is no $zone: the package tzdata or tzdata-legacy has it" >&2; exit 1; }
ln -sfn ${`../usr/share/zoneinfo/${timezone}`} /etc/localtime.pgha-new
mv -T -f /etc/localtime.pgha-new /etc/localtime
if [ -f /etc/timezone ]; then
  printf '%s\n' ${timezone} >/etc/timezone.pgha-new
  chmod 644 /etc/timezone.pgha-new
  sync /etc/timezone.pgha-new
  mv -T -f /etc/timezone.pgha-new /etc/timezone
fi
sync /etc`,
    ]),
  quick: true,
};
