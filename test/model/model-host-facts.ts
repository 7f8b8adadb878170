import type { ListenerFact, PathFact } from "../../src/facts/types.ts";
import type { ModelHost } from "./model-host.ts";
import { sha256Of } from "./read-once.ts";

/** What every host of whatever kind is asked. */
export function hostFacts(host: ModelHost): object {
  return {
    system: {
      osId: "debian",
      osVersionId: host.codename === "bookworm" ? "12" : "13",
      codename: host.codename,
      architecture: "x86_64",
      machineId: `machine-${host.name}`,
      hostname: host.name,
      isRoot: true,
      memoryMiB: 4000,
      swapMiB: 0,
      hugePagesMiB: 0,
      hugePageKiB: 2048,
      cpus: 2,
      rootFreeMiB: 20_000,
      clockOffsetMs: host.base.clockOffsetMs,
    },
    mount: {
      mounted: true,
      filesystem: "ext4",
      source: "/dev/vda",
      uuid: `root-${host.name}`,
      sizeMiB: 20_000,
      freeMiB: 20_000,
    },
    listeners: haproxyListeners(host),
    reach: [],
    names: host.names,
    packages: new Proxy(
      {},
      { get: (_, name) => (host.packages.has(String(name)) ? versionOf(host, String(name)) : undefined) },
    ),
    upgrades: host.upgrades.fact(),
    paths: new Proxy({}, { get: (_, path) => pathFact(host, String(path)) }),
    units: new Proxy({}, { get: (_, name) => host.unit(String(name)) }),
  };
}

/** Where the running HAProxy listens, by the file that it loaded. */
function haproxyListeners(host: ModelHost): readonly ListenerFact[] {
  const unit = "pgha-haproxy.service";
  const text = host.loadedMatch(unit, "/etc/pgha/haproxy/haproxy.cfg", /^([^]*)$/) ?? "";
  return [...text.matchAll(/^ +bind ([0-9.]+):([0-9]+)/gm)].map(([, address = "", port]) => ({
    address,
    port: Number(port),
    program: "haproxy",
    pid: 1,
    unit,
  }));
}

export function pathFact(host: ModelHost, path: string): PathFact {
  const file = host.files.get(path);
  if (file !== undefined)
    return {
      kind: "file",
      sha256: sha256Of(file.content),
      owner: file.owner,
      group: file.group,
      mode: file.mode,
      revision: String(file.revision),
      own: /^(?:#!.*\n)?# Written by pgha/.test(file.content),
    };
  const directory = host.directories.get(path);
  return directory === undefined ? { kind: "absent" } : { kind: "directory", ...directory };
}

/** PostgreSQL in the version that runs; any other package as the host has it. */
function versionOf(host: ModelHost, name: string): string {
  return /^postgresql-\d+$/.test(name) ? host.postgresqlPackage : host.packageVersion;
}
