import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judge } from "../stack.ts";

const UUIDS = [1, 2, 3].map((number) => `0e5a0000-0000-4000-8000-00000000000${number}`);

/** What is said of a cluster with this mount, whose hosts have these volumes. */
function said(
  mount: object | undefined,
  volumes: readonly (object | undefined)[] = [],
  more: object = {},
): readonly string[] {
  const { problems } = judge(({ cluster }) => {
    const { spec } = cluster as { spec: { postgresql: { dataVolume: object }; hosts: object[] } };
    Object.assign(spec.postgresql.dataVolume, more, mount === undefined ? {} : { mount });
    for (const [index, volume] of volumes.entries())
      if (volume !== undefined) Object.assign(spec.hosts[index] ?? {}, { volume });
  });
  return problems.map(({ path, message, wayOut }) => `${path}: ${message}; ${wayOut ?? ""}`);
}

describe("a volume that pgha is to mount", () => {
  it("is named by a label that all hosts have, or by each host", () => {
    assert.deepEqual(said({ label: "pgdata", options: ["noatime", "logbsize=256k"] }), []);
    assert.deepEqual(
      said(
        {},
        UUIDS.map((uuid) => ({ uuid })),
      ),
      [],
    );
    assert.deepEqual(said({ label: "pgdata" }, [{ uuid: UUIDS[0] }]), []);
  });

  const wrong: readonly (readonly [string, Parameters<typeof said>, RegExp])[] = [
    ["nothing that names it", [{}], /does not say of each host which filesystem/],
    ["one UUID for several hosts", [{ uuid: UUIDS[0] }], /name in each of hosts its volume/],
    ["a name for two hosts of three", [{}, UUIDS.slice(0, 2).map((uuid) => ({ uuid }))], /does not say of each host/],
    ["a name of hosts and no mount", [undefined, [{ uuid: UUIDS[0] }]], /or hosts say so without it/],
    ["two names of one", [{ label: "pgdata", uuid: UUIDS[0] }], /uuid and label both name/],
    [
      "one filesystem on two hosts",
      [{}, [UUIDS[0], UUIDS[0], UUIDS[2]].map((uuid) => ({ uuid }))],
      /hosts\[1\]\.volume\.uuid: is that of spec\.hosts\[0\]/,
    ],
    ["a UUID in capitals", [{}, UUIDS.map((uuid) => ({ uuid: uuid.toUpperCase() }))], /volume\.uuid/],
    ["a device", [{ label: "/dev/sdb" }], /mount\.label/],
    ["options in one text", [{ label: "a", options: ["noatime,discard"] }], /options\[0\]/],
    ["nothing to write to", [{ label: "a", options: ["ro"] }], /options\[0\]: "ro" leaves PostgreSQL nothing/],
    [
      "an option of fstab's",
      [{ label: "a", options: ["x-systemd.automount"] }],
      /means something in \/etc\/fstab alone/,
    ],
    ["something else than the filesystem", [{ label: "a", options: ["bind"] }], /mounts something else/],
    ["zfs", [{ label: "a" }, [], { filesystem: "zfs" }], /zfs mounts its datasets by itself/],
  ];
  for (const [what, words, message] of wrong)
    it(`is refused with ${what}`, () => {
      const problems = said(...words);
      assert.ok(problems.length > 0, "nothing is said");
      assert.match(problems.join("\n"), message);
    });
});
