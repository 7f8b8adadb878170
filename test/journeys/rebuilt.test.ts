import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dump, load } from "js-yaml";
import { Ledger } from "./support/ledger.ts";
import { startPackagedLab } from "./support/packaged-lab.ts";
import { openSite } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import { OUR_UNITS, unitTimes } from "./support/traces.ts";

const REBUILT = ["db-slave-02", "proxy-02"] as const;
const OTHERS = ["db-master-01", "db-slave-01", "proxy-01"] as const;

describe("hosts that were built anew", () => {
  let site: Site;
  let ledger: Ledger;
  let others: readonly unknown[];
  before(async () => {
    site = await openSite(await startPackagedLab());
    await site.demand(0, "apply", "--yes");
    ledger = new Ledger(site);
    await ledger.add();
    others = await unitsOfOthers();
    for (const host of REBUILT) await site.lab.rebuild(host);
  });
  after(async () => site.close());

  const unitsOfOthers = async (): Promise<readonly unknown[]> =>
    Promise.all(OTHERS.map(async (host) => unitTimes(site.lab, host, OUR_UNITS)));
  const blockers = async (): Promise<
    readonly { readonly host?: string; readonly reason: string; readonly wayOut: string }[]
  > =>
    (
      JSON.parse((await site.demand(1, "plan", "-o", "json")).stdout) as {
        readonly blockers: readonly { readonly host?: string; readonly reason: string; readonly wayOut: string }[];
      }
    ).blockers;

  it("F56: their new host keys are refused, and it is said how to approve them", async () => {
    const found = await blockers();
    for (const host of REBUILT) {
      const about = found.filter((blocker) => blocker.host === host);
      assert.ok(
        about.length > 0 &&
          about.every(({ reason, wayOut }) => reason === "HostKeyChanged" && wayOut.includes("hostKey")),
        JSON.stringify(about),
      );
    }
    const { stdout, stderr } = await site.demand(1, "apply", "--yes");
    assert.match(stdout + stderr, /HostKeyChanged/);
  });

  it("with the new keys in the manifest, the new machines are still not believed to be the old ones", async () => {
    await site.edit((manifests) => {
      for (const host of manifests.flatMap(({ spec }) => spec.hosts))
        Object.assign(host, { hostKey: site.lab.host(String(host["name"])).hostKey });
    });
    const reasons = new Set(
      (await blockers()).filter(({ host }) => host === "db-slave-02").map(({ reason }) => reason),
    );
    assert.deepEqual(reasons, new Set(["MachineChanged", "VolumeChanged"]));
  });

  it("approved, they are put back: the member joins the cluster that is there, and nothing else is touched", async () => {
    await forgetRecorded();
    await site.demand(2, "plan");
    await site.demand(0, "apply", "--yes");
    await ledger.add();
    await ledger.assertKept();
    assert.deepEqual(await unitsOfOthers(), others, "units of the hosts that stayed run on");
    await site.demand(0, "plan");
  });

  /** What a person does who approves: takes the lines of these hosts out of the records. */
  async function forgetRecorded(): Promise<void> {
    const folder = join(site.stateFolder, "status");
    for (const file of (await readdir(folder)).filter((name) => name.endsWith(".yaml"))) {
      const record = load(await readFile(join(folder, file), "utf8")) as {
        readonly status: { readonly hosts: Record<string, unknown> };
      };
      for (const host of REBUILT) delete record.status.hosts[host];
      await writeFile(join(folder, file), dump(record));
    }
  }
});
