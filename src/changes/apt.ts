import { raw, script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/** apt as changes speak to it. */
export const WAIT_FOR_LOCK = raw("-o DPkg::Lock::Timeout=120");
export const APT_INSTALL = sh`apt-get install -q -y --no-install-recommends ${WAIT_FOR_LOCK}`;

/** What apt and its methods read; its own Acquire::http::Proxy comes before them (apt-transport-http(1)). */
const PROXIES = ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"] as const;

/**
 * A proxy as pam_env(8) would take it from /etc/environment: where a site has it there alone, packages come no other
 * way.
 */
function proxyOfSite(name: string): Command {
  const value =
    `s/^[[:space:]]*\\(export[[:space:]]\\{1,\\}\\)\\{0,1\\}${name}=` +
    `[\\x22\\x27]\\{0,1\\}\\([^\\x22\\x27#]*\\).*/\\2/p`;
  const found = sh`$(sed -n ${value} /etc/environment 2>/dev/null | tail -n 1)`;
  return sh`v=${found} || v=; [ -z "$v" ] || export ${raw(name)}="$v"`;
}

/** For whoever takes them. */
export const proxiesOfSite = script(PROXIES.map(proxyOfSite));

/** What they say is kept here, for they end half-way when they can no longer write to whoever asked for it. */
export const packageLog = sh`log=/run/pgha/packages.log; umask 022; mkdir -p /run/pgha; : > "$log"`;

export const lastOfLog = sh`tail -n 40 "$log" >&2; exit 1`;

/** A host that went down, or was left, in the middle of an installation: apt does nothing before dpkg has finished. */
export const finishInterrupted = sh`[ -z "$(find /var/lib/dpkg/updates -name '[0-9]*' -print -quit)" ] ||
  dpkg --force-confold --configure -a >> "$log" 2>&1`;
