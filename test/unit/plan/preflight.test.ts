import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../../../src/facts/fact.ts";
import type { SystemFact } from "../../../src/facts/types.ts";
import { preflight } from "../../../src/plan/preflight.ts";
import type { PreflightFacts, PreflightWish } from "../../../src/plan/preflight.ts";

const WISH: PreflightWish = {
  resource: "PostgresHACluster/pg",
  host: "db-1",
  address: "10.0.0.1",
  scope: "everything",
  volume: { mountPath: "/data", filesystem: "xfs" },
  ports: [{ port: 5432, purpose: "PostgreSQL", unit: "patroni.service" }],
  recorded: {},
  maximumClockOffsetMs: 3000,
};
const SYSTEM: SystemFact = {
  osId: "debian",
  osVersionId: "13",
  codename: "trixie",
  architecture: "x86_64",
  machineId: "m1",
  hostname: "db-1",
  isRoot: true,
  memoryMiB: 4000,
  swapMiB: 0,
  cpus: 2,
  rootFreeMiB: 9000,
  clockOffsetMs: 20,
};
const SOUND: PreflightFacts = {
  system: SYSTEM,
  mount: { mounted: true, filesystem: "xfs", source: "/dev/vdb", uuid: "u1", sizeMiB: 9000, freeMiB: 8000 },
  listeners: [],
  reach: [],
};

function seen(facts: Partial<PreflightFacts>): Look<PreflightFacts> {
  return { seen: true, host: "db-1", facts: { ...SOUND, ...facts } };
}

const foreign = (address: string) => ({
  address,
  port: 5432,
  program: "postgres",
  pid: 7,
  unit: "postgresql@17-main.service",
});

const CASES: readonly {
  readonly reason: string;
  readonly wish?: Partial<PreflightWish>;
  readonly look: Look<PreflightFacts>;
  readonly blockers?: readonly string[];
  readonly warnings?: readonly string[];
}[] = [
  { reason: "a sound host has no findings", look: seen({}) },
  {
    reason: "a host that cannot be reached is a finding with its own reason",
    look: { seen: false, host: "db-1", reason: "HostKeyChanged", message: "another key" },
    blockers: ["HostKeyChanged"],
  },
  {
    reason: "an unsupported system is refused",
    look: seen({ system: { ...SYSTEM, osVersionId: "10" } }),
    blockers: ["UnsupportedSystem"],
  },
  {
    reason: "F95: a machine that was swapped is refused",
    wish: { recorded: { machineId: "m0" } },
    look: seen({}),
    blockers: ["MachineChanged"],
  },
  {
    reason: "a clock that makes the leader key's life uncertain is refused",
    look: seen({ system: { ...SYSTEM, clockOffsetMs: -3500 } }),
    blockers: ["ClockSkew"],
  },
  {
    reason: "a clock that is a little off is worth a warning",
    look: seen({ system: { ...SYSTEM, clockOffsetMs: 900 } }),
    warnings: ["ClockSkew"],
  },
  {
    reason: "F16: a volume that is not mounted is refused, never made up for",
    look: seen({ mount: { mounted: false, pathExists: true } }),
    blockers: ["VolumeMissing"],
  },
  {
    reason: "F18: a volume with another filesystem is refused, never formatted",
    look: seen({ mount: { mounted: true, filesystem: "ext4", source: "", uuid: "u1", sizeMiB: 9000, freeMiB: 8000 } }),
    blockers: ["VolumeFilesystem"],
  },
  {
    reason: "F16: another volume than the recorded one is refused",
    wish: { recorded: { volumeUuid: "u0" } },
    look: seen({}),
    blockers: ["VolumeChanged"],
  },
  {
    reason: "F38: PostgreSQL of somebody else on the port is named with its unit",
    look: seen({ listeners: [foreign("0.0.0.0")] }),
    blockers: ["PortTaken"],
  },
  {
    reason: "a socket on some other address of the host is in nobody's way",
    look: seen({ listeners: [foreign("172.17.0.1")] }),
  },
  {
    reason: "our own socket is no finding",
    look: seen({ listeners: [{ ...foreign("10.0.0.1"), unit: "patroni.service" }] }),
  },
  {
    reason: "ports that a firewall swallows are one finding a peer; refused ones are none",
    look: seen({
      reach: [5432, 8008]
        .map((port) => ({ address: "10.0.0.2", port, result: "filtered" as const }))
        .concat([{ address: "10.0.0.3", port: 5432, result: "refused" as never }]),
    }),
    blockers: ["PeerUnreachable"],
  },
  { reason: "swap is worth a warning", look: seen({ system: { ...SYSTEM, swapMiB: 512 } }), warnings: ["SwapActive"] },
  {
    reason: "a full root filesystem and too little memory are said together",
    look: seen({ system: { ...SYSTEM, rootFreeMiB: 10, memoryMiB: 100 } }),
    blockers: ["MemoryTooSmall", "DiskFull"],
  },
];

for (const { reason, wish, look, blockers = [], warnings = [] } of CASES) {
  test(reason, () => {
    const found = preflight({ ...WISH, ...wish }, look);
    assert.deepEqual(
      found.blockers.map((blocker) => blocker.reason),
      blockers,
    );
    assert.deepEqual(
      found.warnings.map((warning) => warning.reason),
      warnings,
    );
    for (const blocker of found.blockers) assert.ok(blocker.wayOut.length > 10, "every blocker names a way out");
  });
}
