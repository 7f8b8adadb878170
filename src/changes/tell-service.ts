import { NO_FILE, TOLD_FOLDER, toldOf } from "../desired/base-services.ts";
import type { BaseService } from "../desired/base-services.ts";
import { REVISION } from "../desired/notes.ts";
import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { enableForBoot, forgetFailures, orJournal } from "./systemd.ts";

export interface TellService {
  readonly kind: "tell-service";
  readonly service: BaseService;
  /** Whether it runs now. */
  readonly isActive: boolean;
  /** Whether it has to be set to come up with the host. */
  readonly enable: boolean;
}

export const tellService: HostChangeKind<TellService> = {
  kind: "tell-service",
  describe: ({ service, isActive, enable }) =>
    [
      ...(enable ? [`enable ${service.title}`] : []),
      ...(!isActive
        ? [`start ${service.title}`]
        : service.staysUp === true
          ? []
          : [`restart ${service.title}, which reads its files then`]),
    ].join(" and "),
  target: ({ service }) => service.unit,
  action: ({ isActive }) => (isActive ? "reload" : "create"),
  event: "ServiceTold",
  undoneBy: "nobody",
  undoneElsewhere:
    "Something else on that host stops it. Look for another service of the kind, or a package that was removed.",
  command: tell,
};

/** What it is about to read is looked up before, so that what is changed meanwhile is read again. */
function tell({ service: { unit, file, staysUp }, isActive, enable }: TellService): Command {
  return script([
    file === undefined
      ? sh`about=${NO_FILE}`
      : sh`about=$(stat --printf ${REVISION} -- ${file} 2>/dev/null) || about=${NO_FILE}`,
    ...(enable ? [enableForBoot(unit)] : []),
    ...(staysUp !== true
      ? [forgetFailures(unit), orJournal("restart", unit)]
      : isActive
        ? []
        : [forgetFailures(unit), orJournal("start", unit)]),
    sh`mkdir -p ${TOLD_FOLDER}; printf '%s\n' "$about" >${toldOf(unit)}`,
  ]);
}
