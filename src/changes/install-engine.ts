import { ENGINE } from "../desired/services.ts";
import { script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { directoryOf } from "./directory-of.ts";
import { install as installPackages } from "./install-packages.ts";
import { enableNow } from "./systemd.ts";

export interface InstallEngine {
  readonly kind: "install-engine";
}

export const installEngine: HostChangeKind<InstallEngine> = {
  kind: "install-engine",
  describe: () => `install ${ENGINE.package}`,
  target: () => ENGINE.package,
  action: "create",
  event: "EngineInstalled",
  undoneBy: "packages",
  command: install,
  deadlineMs: 1_200_000,
};

/**
 * How pgha sets a daemon up that it brought: containers go on while it is restarted, and neither the host's network nor
 * its firewall is touched, for which nothing of pgha's has a use. (Of itself it turns forwarding on, and refuses to
 * forward what it does not know.)
 */
const DAEMON = `${JSON.stringify(
  { "live-restore": true, bridge: "none", iptables: false, ip6tables: false, "ip-forward": false },
  undefined,
  2,
)}\n`;

/**
 * The distribution's Docker, set up before it starts for the first time. A daemon.json that is there is somebody's. The
 * program is in a package of its own from Debian 13 on; where the kernel has AppArmor, nothing starts without its
 * parser.
 */
function install(): Command {
  const fresh = `${ENGINE.config}.pgha-new`;
  return script([
    sh`mkdir -p ${directoryOf(ENGINE.config)}`,
    sh`if [ ! -e ${ENGINE.config} ]; then
  printf '%s' ${DAEMON} >${fresh}; sync ${fresh}; mv -T ${fresh} ${ENGINE.config}
fi`,
    sh`(
${packages([ENGINE.package])}
)`,
    sh`command -v docker >/dev/null || (
${packages(["docker-cli"])}
)`,
    sh`if grep -qs Y /sys/module/apparmor/parameters/enabled && ! command -v apparmor_parser >/dev/null; then (
${packages(["apparmor"])}
); fi`,
    enableNow(ENGINE.unit),
    sh`for i in 1 2 3 4 5 6 7 8 9 10; do docker version >/dev/null 2>&1 && exit 0; sleep 1; done`,
    sh`docker version >&2`,
  ]);
}

function packages(missing: readonly string[]): Command {
  return installPackages({
    packages: { names: missing, services: {}, source: "distribution" },
    missing,
    maskFirst: [],
  });
}
