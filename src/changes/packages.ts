import type { DesiredPackages } from "../desired/host.ts";
import { raw, script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";

/** Fingerprint of the key that signs apt.postgresql.org, https://www.postgresql.org/download/linux/debian/ . */
export const PGDG_KEY_FINGERPRINT = "B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8";

const PGDG_KEY = "/usr/share/postgresql-common/pgdg/apt.postgresql.org.asc";

/**
 * Installs what is missing, starting nothing: the units of packages that come new are masked first. Masks made by
 * an administrator (which is what these look like) are respected by Debian's maintainer scripts, and unlike a
 * policy-rc.d they do no harm if the host dies half-way.
 */
export function installPackages(
  packages: DesiredPackages,
  missing: readonly string[],
  maskFirst: readonly string[],
): Command {
  return script([
    sh`export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8`,
    ...(maskFirst.length === 0 ? [] : [sh`systemctl mask --no-reload --quiet ${maskFirst}`]),
    ...(packages.source === "pgdg" ? pgdgRepository() : []),
    // What they say is kept here, for they end half-way when they can no longer write to whoever asked for it.
    sh`log=/run/pgha/packages.log; umask 022; : > "$log"`,
    // Lists a day old are fresh enough; where they are not, or do not know a package, one update is worth its time.
    sh`fresh() { [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mmin -1440 -print -quit 2>/dev/null)" ]; }`,
    sh`install() { apt-get install -q -y --no-install-recommends ${WAIT_FOR_LOCK} -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold ${missing} >> "$log" 2>&1; }`,
    sh`if fresh && install; then exit 0; fi`,
    // A host that went down, or was left, in the middle of an installation: apt does nothing before dpkg has finished.
    sh`if [ -n "$(find /var/lib/dpkg/updates -name '[0-9]*' -print -quit)" ]; then dpkg --force-confold --configure -a >> "$log" 2>&1 && fresh && install && exit 0; fi`,
    sh`if apt-get update -q ${WAIT_FOR_LOCK} >> "$log" 2>&1 && install; then exit 0; fi`,
    sh`tail -n 40 "$log" >&2; exit 1`,
  ]);
}

const WAIT_FOR_LOCK = raw("-o DPkg::Lock::Timeout=120");

/**
 * Debian's postgresql-common carries the PGDG key; its fingerprint is checked before it is trusted for that source. It
 * must be the only one: apt takes what any key in the file has signed.
 */
function pgdgRepository(): readonly Command[] {
  return [
    sh`if [ ! -f ${PGDG_KEY} ] || ! command -v gpg >/dev/null; then apt-get update -q ${WAIT_FOR_LOCK}; apt-get install -q -y --no-install-recommends ${WAIT_FOR_LOCK} postgresql-common ca-certificates gpg; fi`,
    sh`keys=$(gpg --show-keys --with-colons ${PGDG_KEY} | sed -n 's/^fpr:*\([^:]*\):.*/\1/p')`,
    sh`[ "$keys" = ${PGDG_KEY_FINGERPRINT} ] || { printf '%s holds other keys than that of apt.postgresql.org, which is %s:\n%s\n' ${PGDG_KEY} ${PGDG_KEY_FINGERPRINT} "$keys" >&2; exit 1; }`,
    sh`. /etc/os-release; printf 'deb [signed-by=%s] https://apt.postgresql.org/pub/repos/apt %s-pgdg main\n' ${PGDG_KEY} "$VERSION_CODENAME" > /etc/apt/sources.list.d/pgha-pgdg.list.new`,
    sh`if ! cmp -s /etc/apt/sources.list.d/pgha-pgdg.list.new /etc/apt/sources.list.d/pgha-pgdg.list; then mv /etc/apt/sources.list.d/pgha-pgdg.list.new /etc/apt/sources.list.d/pgha-pgdg.list; apt-get update -q ${WAIT_FOR_LOCK}; else rm /etc/apt/sources.list.d/pgha-pgdg.list.new; fi`,
  ];
}
