import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  ClusterSpec,
  MemberHost,
  PostgresHACluster,
  Resource,
  WrittenPostgresHACluster,
} from "../../../src/api/kinds.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const checked: readonly true[] = [
  true satisfies Equal<ClusterSpec["patroni"]["primaryStartTimeout"], number>,
  true satisfies Equal<ClusterSpec["patroni"]["dcs"]["raft"]["pysyncobj"], "pinned" | "distribution">,
  true satisfies Equal<ClusterSpec["patroni"]["scope"], string | undefined>,
  true satisfies Equal<ClusterSpec["postgresql"]["parameters"], Readonly<Record<string, string | number>>>,
  true satisfies Equal<
    ClusterSpec["postgresql"]["dataVolume"]["filesystem"],
    "xfs" | "ext4" | "btrfs" | "zfs" | undefined
  >,
  true satisfies Equal<ClusterSpec["roles"][number]["memberOf"], readonly string[]>,
  true satisfies Equal<MemberHost["failoverPriority"], number>,
  true satisfies Equal<Resource["kind"], "PostgresHACluster" | "HAProxyPool" | "PgBouncerPool" | "HostBaseline">,
];

test("a resource after defaults has what a default fills in, and as written may leave it out", () => {
  const written: WrittenPostgresHACluster["spec"] = {
    ssh: { privateKeySecretRef: { name: "vm-ssh" } },
    hosts: [{ name: "a", address: "192.0.2.1" }],
    postgresql: { version: 17, dataVolume: { mountPath: "/data" } },
  };
  // @ts-expect-error what has a default must be present
  const incomplete: PostgresHACluster["spec"] = written;
  // @ts-expect-error a field that does not exist
  const misspelt: WrittenPostgresHACluster["spec"] = { ...written, postgressql: {} };
  assert.equal(incomplete, written);
  assert.ok(misspelt);
  assert.equal(checked.length, 8);
});
