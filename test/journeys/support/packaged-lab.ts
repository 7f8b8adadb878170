import { createHash } from "node:crypto";
import { hasSnapshot, startLab } from "../../lab/lab.ts";
import type { Lab } from "../../lab/lab.ts";

/**
 * Five hosts as in the field with all packages installed and nothing else of pgha: what apply does on them takes
 * seconds. Made once from bare hosts, and again when the packages change; journeys about packages start from bare ones.
 */
export async function startPackagedLab(): Promise<Lab> {
  return startLab({ from: await packagedSnapshot() });
}

/** Name of the snapshot that such labs start from, which is made where it is not there. */
export async function packagedSnapshot(): Promise<string> {
  const snapshot = `packaged-${createHash("sha256").update(RECIPE).digest("hex").slice(0, 12)}`;
  if (!(await hasSnapshot(snapshot))) await makeSnapshot(snapshot);
  return snapshot;
}

/** Part of the snapshot's name, so that another recipe makes another snapshot. */
const PACKAGES = {
  member: "postgresql-17 postgresql-17-pgvector patroni python3-cryptography curl",
  proxy: "haproxy pgbouncer postgresql-client-17",
};
const RECIPE = JSON.stringify(PACKAGES);

/** As pgha does it: no cluster of the distribution's, and nothing is started. */
function install(packages: string): string {
  return `set -e
export DEBIAN_FRONTEND=noninteractive
mkdir -p /etc/postgresql-common/createcluster.d
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/none.conf
systemctl mask --quiet patroni.service haproxy.service pgbouncer.service
apt-get install -q -y --no-install-recommends -o Dpkg::Use-Pty=0 ${packages}
rm -r /etc/postgresql-common/createcluster.d/none.conf
sync`;
}

async function makeSnapshot(name: string): Promise<void> {
  const lab = await startLab();
  try {
    await Promise.all(
      lab.hosts.map(async ({ name: host }) => {
        const { exitCode, stderr } = await lab.exec(
          host,
          install(host.startsWith("proxy") ? PACKAGES.proxy : PACKAGES.member),
        );
        if (exitCode !== 0) throw new Error(`${host}: ${stderr}`);
      }),
    );
    await lab.snapshot(name);
  } finally {
    await lab.down();
  }
}
