import type { Lab } from "../../lab/lab.ts";

/** Every unit that pgha starts, on whatever host. */
export const OUR_UNITS = ["patroni.service", "pgha-haproxy.service", "pgha-pgbouncer.service"] as const;

/** Main process, start time and state of units, one text a unit: equal texts mean that nothing happened to it. */
export async function unitTimes(lab: Lab, host: string, units: readonly string[]): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await lab.exec(
    host,
    "systemctl show " +
      "--property=Id,MainPID,ActiveEnterTimestamp,StateChangeTimestamp,ActiveState,NRestarts,UnitFileState " +
      `${units.join(" ")}`,
  );
  if (exitCode !== 0) throw new Error(`${host}: ${stderr}`);
  return stdout.trim().split("\n\n");
}

/**
 * Every file, directory and link that pgha makes on a host, with owner, mode, inode, and times of change. PostgreSQL
 * and Patroni are at work in their own directories, so those have no times here.
 */
export async function filesOf(lab: Lab, host: string): Promise<readonly string[]> {
  const { stdout } = await lab.exec(
    host,
    `find /etc/pgha /opt/pgha /usr/local/bin /etc/patroni /etc/postgresql-common/createcluster.d /etc/systemd/system -printf '%p %y %u:%g %m %i %C@ %T@\\n' 2>/dev/null | sort
find /opt/keybuzz/postgres/data -maxdepth 1 -printf '%p %y %u:%g %m %i\\n' 2>/dev/null | sort`,
  );
  return stdout.split("\n").filter((line) => line !== "");
}

/**
 * All that a host's disks hold, and which services run: for hosts that must not have been touched at all. (Looking
 * leaves a lock file in /run.)
 */
export async function fingerprint(lab: Lab, host: string): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await lab.exec(
    host,
    `set -e
find /etc /opt /usr/local /root /home /var/lib/postgresql /var/lib/haproxy -xdev -printf '%p %y %u:%g %m %s %C@\\n' 2>/dev/null | sort || true
find /opt/keybuzz -printf '%p %y %u:%g %m %s\\n' | sort
find /etc -xdev -type f -print0 | sort -z | xargs -0 sha256sum
dpkg-query -W -f '\${Package} \${Version} \${db:Status-Abbrev}\\n'
systemctl list-units --all --no-legend --plain --type=service --state=active | cut -d ' ' -f 1 | grep -v '^user' | sort`,
  );
  if (exitCode !== 0) throw new Error(`${host}: ${stderr}`);
  return stdout.split("\n");
}

/** What came, and what went. */
export function differences(before: readonly string[], now: readonly string[]): readonly string[] {
  const [was, is] = [new Set(before), new Set(now)];
  return [
    ...before.filter((line) => !is.has(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !was.has(line)).map((line) => `+ ${line}`),
  ];
}

/** What an apply that has nothing to do leaves as it is, host by host. */
export interface Trace {
  readonly name: string;
  readonly units: readonly string[];
  readonly files: readonly string[];
}

export async function tracesOf(lab: Lab): Promise<readonly Trace[]> {
  return Promise.all(
    lab.hosts.map(async ({ name }) => ({
      name,
      units: await unitTimes(lab, name, OUR_UNITS),
      files: await filesOf(lab, name),
    })),
  );
}
