import assert from "node:assert/strict";
import type { Lab } from "../../lab/lab.ts";
import { clusterOf, MEMBERS } from "./site.ts";
import type { Manifest } from "./site.ts";

/** People and pgha come from this machine, which is the gateway of the lab. */
export const FIREWALL = {
  drop: "everything",
  adminNetworks: ["10.77.0.0/16"],
  rules: [{ title: "NTP", ports: [123], protocol: "udp", from: ["10.77.0.0/16"] }],
};

/** A container's kernel settings are read-only. Those of its own network may be set all the same, until it reboots. */
export const OWN_NETWORK = "mount --bind /proc/sys/net /proc/sys/net && mount -o remount,bind,rw /proc/sys/net";

/** A base for all hosts of the stack, of which a lab's can have all but the settings that a container shares. */
export function addBaseline(manifests: readonly Manifest[], timeServer: string): void {
  const baseline = {
    apiVersion: "pgha.keybuzz.io/v1alpha1",
    kind: "HostBaseline",
    metadata: { name: "base" },
    spec: {
      clusterRef: { name: "keybuzz-pg" },
      timezone: "Europe/Berlin",
      packages: ["rsync"],
      sysctl: { values: { "net.ipv4.ip_local_port_range": "20000 60000" } },
      firewall: FIREWALL,
      sshd: "keys-only",
      unattendedUpgrades: "not-databases",
      time: { servers: [timeServer] },
      swap: "none",
      limits: { openFiles: 65536 },
      journal: { maxUse: "100M" },
      removeIpc: "never",
      fail2ban: { maxRetry: 2 },
      auditd: {},
    },
  };
  (manifests as Manifest[]).push(baseline as unknown as Manifest);
}

export function baselineOf(manifests: readonly Manifest[]): Record<string, unknown> {
  const found = manifests.find(({ kind }) => kind === "HostBaseline");
  assert.ok(found !== undefined);
  return found.spec;
}

/**
 * A chrony that comes to the hosts leaves this machine's clock alone, which is theirs (-x), and finds a server of the
 * lab's own: a network of its own has none.
 */
export async function prepareClocks(lab: Lab, timeServer: string): Promise<void> {
  const harmless = `mkdir -p /etc/default && echo 'DAEMON_OPTS="-F 1 -x"' >/etc/default/chrony`;
  const server = `mkdir -p /etc/chrony/conf.d && printf 'local stratum 8\\nallow 10.77.0.0/16\\n' >/etc/chrony/conf.d/lab.conf`;
  await Promise.all(
    lab.hosts.map(async ({ name }) => lab.exec(name, name === timeServer ? `${harmless} && ${server}` : harmless)),
  );
}

/**
 * Members as they are after a rebuild: the volume is attached and nobody mounts it. What udev would do for it, a line of
 * tmpfiles.d does here; the comment keeps the lab from bringing its own mount unit back. Resolves with the UUIDs.
 */
export async function unmountVolumes(lab: Lab): Promise<ReadonlyMap<string, string>> {
  const script = `set -e
umount /opt/keybuzz/postgres/data
rm -f /etc/systemd/system/opt-keybuzz-postgres-data.mount /etc/systemd/system/*.wants/opt-keybuzz-postgres-data.mount
systemctl daemon-reload
u=$(blkid -p -s UUID -o value /dev/vdb)
printf '# UUID=%s is mounted by pgha\\n' "$u" >/etc/fstab
printf 'd /dev/disk/by-uuid\\nL+ /dev/disk/by-uuid/%s - - - - /dev/vdb\\n' "$u" >/etc/tmpfiles.d/lab-disks.conf
systemd-tmpfiles --create /etc/tmpfiles.d/lab-disks.conf
printf '%s' "$u"`;
  const uuids = await Promise.all(
    MEMBERS.map(async (host) => {
      const { exitCode, stdout, stderr } = await lab.exec(host, script);
      assert.equal(exitCode, 0, stderr);
      return [host, stdout.trim()] as const;
    }),
  );
  return new Map(uuids);
}

/** Has pgha mount the volumes. */
export function mountVolumes(manifests: readonly Manifest[], uuids: ReadonlyMap<string, string>): void {
  const { spec } = clusterOf(manifests);
  const { dataVolume } = spec["postgresql"] as { dataVolume: Record<string, unknown> };
  dataVolume["mount"] = { options: ["nouuid"] };
  for (const host of spec.hosts) host["volume"] = { uuid: uuids.get(String(host["name"])) };
}
