import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startLab } from "../lab/lab.ts";
import { openSite } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import { differences, fingerprint } from "./support/traces.ts";

const VOLUME = "/opt/keybuzz/postgres/data";

/** What must be said about a host, and the way out of it. */
interface Finding {
  readonly host: string;
  readonly reason: string;
  readonly why: RegExp;
  readonly wayOut: RegExp;
}

describe("hosts that are not fit to be touched", () => {
  let site: Site;
  let untouched: ReadonlyMap<string, readonly string[]>;
  before(async () => {
    site = await openSite(await startLab());
    const { lab } = site;
    await Promise.all([
      lab.detachVolume("db-master-01"),
      lab.formatVolume("db-slave-01", "ext4"),
      lab.exec(
        "db-slave-02",
        `mkdir -p ${VOLUME}/raft ${VOLUME}/pgdata/lost+found; echo journal >${VOLUME}/raft/10.0.0.122_7000.journal`,
      ),
      lab.exec(
        "proxy-01",
        "systemd-run --quiet --unit=somebody python3 -m http.server 5432; until ss -Htln 'sport = :5432' | " +
          "grep -q .; do sleep 0.1; done",
      ),
    ]);
    await lab.rebuild("proxy-02");
    untouched = await fingerprints(lab.hosts.map(({ name }) => name));
  });
  after(async () => site.close());

  const fingerprints = async (names: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> =>
    new Map(await Promise.all(names.map(async (name) => [name, await fingerprint(site.lab, name)] as const)));
  const assertUntouched = async (names: readonly string[]): Promise<void> => {
    const now = await fingerprints(names);
    assert.deepEqual(
      names.flatMap((name) =>
        differences(untouched.get(name) ?? [], now.get(name) ?? []).map((line) => `${name}: ${line}`),
      ),
      [],
    );
  };

  it("F03 F08 F14 F16 F38 F56: all that is wrong is said at once, with the way out", async () => {
    const { stdout } = await site.demand(1, "plan", "-o", "json");
    const { blockers } = JSON.parse(stdout) as {
      blockers: readonly { host?: string; reason: string; why: string; wayOut: string }[];
    };
    const expected: readonly Finding[] = [
      {
        host: "db-master-01",
        reason: "VolumeMissing",
        why: /nothing is mounted at \/opt\/keybuzz\/postgres\/data/,
        wayOut: /spec\.postgresql\.dataVolume\.mount\. pgha never formats anything/,
      },
      {
        host: "db-slave-01",
        reason: "VolumeFilesystem",
        why: /is ext4, the spec asks for xfs/,
        wayOut: /never formats/,
      },
      { host: "db-slave-02", reason: "DataDirectoryNotEmpty", why: /lost\+found/, wayOut: /move it away/ },
      { host: "db-slave-02", reason: "RaftJournalLeft", why: /10\.0\.0\.122_7000\.journal/, wayOut: /every member/ },
      { host: "proxy-01", reason: "PortTaken", why: /port 5432 .*python3.*somebody\.service/, wayOut: /another port/ },
      { host: "proxy-02", reason: "HostKeyChanged", why: /SHA256:/, wayOut: /hostKey/ },
    ];
    for (const { host, reason, why, wayOut } of expected) {
      const found = blockers.find((blocker) => blocker.host === host && blocker.reason === reason);
      assert.ok(found !== undefined, `${reason} on ${host} is missing among ${JSON.stringify(blockers, undefined, 2)}`);
      assert.match(found.why, why);
      assert.match(found.wayOut, wayOut);
    }
  });

  it("apply ends with 1, says the same to a person, and changes nothing on any host", async () => {
    const { stdout, stderr } = await site.demand(1, "apply", "--yes");
    const said = stdout + stderr;
    for (const reason of [
      "VolumeMissing",
      "VolumeFilesystem",
      "DataDirectoryNotEmpty",
      "RaftJournalLeft",
      "PortTaken",
      "HostKeyChanged",
    ])
      assert.match(said, new RegExp(`\\b${reason}\\b`));
    await assertUntouched(site.lab.hosts.map(({ name }) => name));
  });

  it("F86: a host without power holds all back as well, and the others are still looked at", async () => {
    await site.lab.crash("db-slave-02");
    const { stderr, stdout } = await site.demand(1, "apply", "--yes");
    const said = stdout + stderr;
    assert.match(said, /db-slave-02/);
    assert.match(said, /HostUnreachable/);
    assert.match(said, /VolumeMissing/);
    await assertUntouched(site.lab.hosts.map(({ name }) => name).filter((name) => name !== "db-slave-02"));
  });

  it("once all of it is mended, nothing is in the way any more", async () => {
    const { lab } = site;
    await lab.boot("db-slave-02");
    await Promise.all([
      lab.attachVolume("db-master-01"),
      lab.formatVolume("db-slave-01", "xfs"),
      lab.exec("db-slave-02", `rm -r ${VOLUME}/raft ${VOLUME}/pgdata`),
      lab.exec("proxy-01", "systemctl stop somebody.service"),
    ]);
    await site.edit((manifests) => {
      for (const manifest of manifests) {
        for (const host of manifest.spec.hosts) host["hostKey"] = lab.host(String(host["name"])).hostKey;
      }
    });
    const { stdout } = await site.demand(2, "plan", "-o", "json");
    assert.deepEqual((JSON.parse(stdout) as { blockers: unknown }).blockers, []);
  });
});
