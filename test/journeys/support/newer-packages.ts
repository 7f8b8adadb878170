import assert from "node:assert/strict";
import type { Lab } from "../../lab/lab.ts";

/** A package, and the file in it that says the upstream version to whoever asks the program. */
export interface Newer {
  readonly name: string;
  readonly says?: string;
}

/**
 * Newer versions of installed packages in a package source of the host's own: Debian's, unpacked, given a higher
 * version (a higher upstream version where the program says it by itself), and packed again.
 */
export async function offerNewer(lab: Lab, host: string, packages: readonly Newer[]): Promise<void> {
  const { exitCode, stderr } = await lab.exec(
    host,
    [
      "set -e; mkdir -p /srv/newer; cd /srv/newer; rm -rf ./*",
      ...packages.map(repack),
      "echo 'deb [trusted=yes] file:/srv/newer ./' >/etc/apt/sources.list.d/newer.list",
      // As a host's own timer does it, which the lab switches off.
      "apt-get update -q >/dev/null",
    ].join("\n"),
  );
  assert.equal(exitCode, 0, stderr);
}

function repack({ name, says }: Newer): string {
  return `apt-get download -q ${name} >/dev/null
dpkg-deb -R ${name}_*.deb tree; rm ${name}_*.deb
old=$(sed -n 's/^Version: //p' tree/DEBIAN/control)
${says === undefined ? "new=$old+newer1" : `new=\${old%-*}.1-\${old##*-}; u=\${old#*:}; u=\${u%-*}; sed -i "s/$u/$u.1/" tree${says}`}
sed -i "s/^Version: .*/Version: $new/" tree/DEBIAN/control
dpkg-deb -Znone -b tree ${name}.deb >/dev/null; rm -r tree
{ dpkg-deb -f ${name}.deb; echo "Filename: ./${name}.deb"; echo "Size: $(stat -c %s ${name}.deb)"
  echo "SHA256: $(sha256sum ${name}.deb | cut -d' ' -f1)"; echo; } >>Packages`;
}

export async function installed(lab: Lab, host: string, name: string): Promise<string> {
  return (await lab.exec(host, `dpkg-query -W -f '\${Version}' ${name}`)).stdout;
}
