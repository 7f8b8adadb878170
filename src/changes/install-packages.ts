import type { DesiredPackages } from "../desired/host.ts";
import { PGDG_KEY, PGDG_KEY_FINGERPRINT } from "../desired/pgdg.ts";
import { raw, script, sh } from "../shell/command.ts";
import type { Command } from "../shell/command.ts";
import { APT_INSTALL, lastOfLog, packageLog, proxiesOfSite, WAIT_FOR_LOCK } from "./apt.ts";
import type { HostChangeKind } from "./change-kind.ts";
import { maskAhead } from "./systemd.ts";

export interface InstallPackages {
  readonly kind: "install-packages";
  readonly packages: DesiredPackages;
  readonly missing: readonly string[];
  readonly maskFirst: readonly string[];
}

export const installPackages: HostChangeKind<InstallPackages> = {
  kind: "install-packages",
  describe: ({ packages, missing }) => `install ${missing.join(", ")}${packages.source === "pgdg" ? " (PGDG)" : ""}`,
  target: ({ missing }) => missing.join(" "),
  action: "create",
  event: "PackagesInstalled",
  undoneBy: "packages",
  command: install,
  // Packages may come over a slow line.
  deadlineMs: 1_200_000,
};

/** Ours, where the host has no source of its own for PGDG. */
const PGDG_LIST = "/etc/apt/sources.list.d/pgha-pgdg.list";

/**
 * Installs what is missing, starting nothing: the units of packages that come new are masked first. Masks made by
 * an administrator (which is what these look like) are respected by Debian's maintainer scripts, and unlike a
 * policy-rc.d they do no harm if the host dies half-way.
 */
export function install({ packages, missing, maskFirst }: Omit<InstallPackages, "kind">): Command {
  const wanted = missing.map((name) => {
    const version = packages.versions?.[name];
    return version === undefined ? name : `${name}=${version}`;
  });
  return script([
    // Maintainer scripts and gpg want a home.
    sh`export DEBIAN_FRONTEND=noninteractive HOME=/root`,
    proxiesOfSite,
    ...(maskFirst.length === 0 ? [] : [maskAhead(maskFirst)]),
    packageLog,
    // One source that fails makes apt call the whole of it a failure. What counts is whether the packages can be had.
    sh`update() { apt-get update -q ${WAIT_FOR_LOCK} >> "$log" 2>&1 || true; }`,
    ...(packages.source === "pgdg" ? pgdgRepository() : []),
    // Lists a day old are fresh enough; where they are not, or do not know a package, one update is worth its time.
    sh`fresh() {
  [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mmin -1440 -print -quit 2>/dev/null)" ]
}`,
    sh`install() { ${APT_INSTALL} -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold ${wanted} >> "$log" 2>&1; }`,
    sh`if fresh && install; then exit 0; fi`,
    // A host that went down, or was left, in the middle of an installation: apt does nothing before dpkg has finished.
    sh`if [ -n "$(find /var/lib/dpkg/updates -name '[0-9]*' -print -quit)" ]; then
  dpkg --force-confold --configure -a >> "$log" 2>&1 && fresh && install && exit 0
fi`,
    sh`update`,
    sh`if install; then exit 0; fi`,
    lastOfLog,
  ]);
}

/**
 * PGDG's source. One that the host has already is used, whatever its file is called, whichever key it names and
 * whatever mirror it leads to: beside another for the same place, apt can use none at all, and a site with a mirror may
 * reach nothing else. Its lists may never have been fetched, so apt is asked for what it would fetch. Ours goes again
 * when this fails.
 *
 * Debian's postgresql-common carries the PGDG key; its fingerprint is checked before it is trusted for that source. It
 * must be the only one: apt takes what any key in the file has signed.
 */
function pgdgRepository(): readonly Command[] {
  return [
    sh`. /etc/os-release`,
    sh`kept=/run/pgha/pgdg.list; rm -f "$kept"; [ ! -f ${PGDG_LIST} ] || mv ${PGDG_LIST} "$kept"`,
    sh`theirs() {
  apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE)' 2>/dev/null |
    grep -q " $VERSION_CODENAME-pgdg\$"
}`,
    sh`ours() {
if [ ! -f ${PGDG_KEY} ] || ! command -v gpg >/dev/null; then
  update
  ${APT_INSTALL} postgresql-common ca-certificates gpg >> "$log" 2>&1 || { tail -n 40 "$log" >&2; exit 1; }
fi
keys=$(gpg --show-keys --with-colons ${PGDG_KEY} | sed -n 's/^fpr:*\([^:]*\):.*/\1/p')
[ "$keys" = ${PGDG_KEY_FINGERPRINT} ] || {
  printf '%s holds other keys than that of apt.postgresql.org, which is %s:\n%s\n' \
    ${PGDG_KEY} ${PGDG_KEY_FINGERPRINT} "$keys" >&2
  exit 1
}
trap 'exit 129' HUP INT TERM
trap '[ "$?" = 0 ] || rm -f ${raw(PGDG_LIST)}' EXIT
if [ -f "$kept" ]; then mv "$kept" ${PGDG_LIST}; return 0; fi
printf 'deb [signed-by=%s] https://apt.postgresql.org/pub/repos/apt %s-pgdg main\n' \
  ${PGDG_KEY} "$VERSION_CODENAME" > ${PGDG_LIST}
update
}`,
    sh`if theirs; then rm -f "$kept"; else ours; fi`,
  ];
}
