import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../kube/until.ts";
import { startLab } from "../lab/lab.ts";
import { Ledger } from "./support/ledger.ts";
import { startPackagedLab } from "./support/packaged-lab.ts";
import type { LogLine } from "./support/pgha.ts";
import { MEMBERS, openSite } from "./support/site.ts";
import type { Site } from "./support/site.ts";
import { typeOn } from "./support/typed.ts";
import { removeFolder } from "../temporary/remove-folder.ts";

/** Far more than there are steps. */
const MOST_RUNS = 200;

describe("an apply that is killed after every single step in a row", () => {
  let site: Site;
  before(async () => {
    site = await openSite(await startLab());
  });
  after(async () => site.close());

  it("F06 F09: ends as if nothing had happened, and what was written meanwhile is there", async (test) => {
    const planned = await plannedSteps(site);
    const ledger = new Ledger(site);
    const passwords = new Map<string, string>();
    const killedAfter: LogLine[] = [];
    let busy = 0;
    for (let run = 1; ; run += 1) {
      assert.ok(run < MOST_RUNS, `still not done after ${MOST_RUNS} runs`);
      const { exitCode, lines, stderr } = await site.applyKilled(isStepDone);
      const first = lines.find(isStepDone);
      if (exitCode === 0 && first === undefined) break;
      if (exitCode === null && first !== undefined) killedAfter.push(first);
      else if (isStillBusy(stderr)) busy += 1;
      else assert.equal(exitCode, 0, `run ${run} ended with ${exitCode}\n${stderr}`);
      await assertPasswordsKept(site, passwords);
      if (first?.stage === "data" || first?.stage === "settle") await ledger.addWhereItCan();
    }
    test.diagnostic(
      `${planned.size} steps: killed ${killedAfter.length} times ` +
        `(${[...Map.groupBy(killedAfter, ({ stage }) => stage ?? "")].map(([stage, own]) => `${stage} ${own.length}`).join(", ")}), ${busy} runs found a host still busy with what a killed one began; ${ledger.rows} rows written meanwhile`,
    );
    assert.deepEqual(
      killedAfter.filter(({ step }) => !planned.has(step ?? "")),
      [],
      "nothing was done but what the first plan said",
    );
    assert.deepEqual(
      new Set(killedAfter.map(({ stage }) => stage)),
      new Set(["record", "prepare", "services", "data", "settle"]),
    );
    await assertReady(site);
    assert.ok(ledger.rows >= 3);
    await ledger.assertKept();
  });
});

const MOMENTS: readonly (readonly [string, (line: LogLine) => boolean])[] = [
  [
    "once the bootstrap is recorded, before any member started",
    (line) => line.event === "step-done" && line.change === "record-bootstrap-intent",
  ],
  ["when the first member has started", (line) => line.event === "step-done" && line.change === "start-unit"],
  ["while initdb runs", (line) => line.event === "waiting"],
  [
    "when the last setting of the bootstrap goes back",
    (line) => line.event === "step-done" && line.change === "patch-dynamic-configuration",
  ],
];

describe("an apply that is killed once, at a moment that cannot be repeated", () => {
  let site: Site;
  before(async () => {
    site = await openSite(await startPackagedLab());
  });
  after(async () => site.close());

  for (const [index, [when, isTheMoment]] of MOMENTS.entries()) {
    it(`${when}: goes on from there`, async () => {
      if (index > 0) site = await anew(site);
      const { exitCode, stderr } = await site.applyKilled(isTheMoment);
      assert.equal(exitCode, null, stderr);
      const passwords = new Map<string, string>();
      await assertPasswordsKept(site, passwords);
      await assertReady(site);
      await assertPasswordsKept(site, passwords);
      const ledger = new Ledger(site);
      await ledger.add();
      await ledger.assertKept();
    });
  }

  it("F01: an initdb that fails is told in its own words, and the bootstrap goes on as it is printed", async () => {
    site = await anew(site);
    const pgdata = "/opt/keybuzz/postgres/data/pgdata";
    // Nobody sees by its owner or mode that nothing can be written there.
    await onMembers(
      site,
      `install -d -o postgres -g postgres -m 700 ${pgdata}
mount --bind ${pgdata} ${pgdata} && mount -o remount,ro,bind ${pgdata}`,
    );
    const { stdout, stderr } = await site.demand(1, "apply", "--yes", "--no-diff");
    const said = (stdout + stderr).replaceAll(/\s+/g, " ");
    assert.match(said, /in vain \[Bootstrap(?:Looping|Abandoned)\] .*patroni\.service .*said: .*initdb: error: /);
    assert.match(said, /initdb: error: [^:]*: Read-only file system/);
    await onMembers(site, `umount ${pgdata}`);
    const { wayOut } = await until("somebody to lead, or what to do", async () => whatToDo(site), 120_000, 1_000);
    if (wayOut !== undefined) {
      const [, host = "", command = "", scope = ""] = /on (\S+): (patronictl \S+ \S+ remove (\S+)),/.exec(wayOut) ?? [];
      const { exitCode, printed } = await typeOn(site.lab, host, command, { answers: `${scope}\nYes I am aware\n` });
      assert.equal(exitCode, 0, printed);
    }
    await assertReady(site);
  });
});

async function onMembers(site: Site, script: string): Promise<void> {
  for (const { exitCode, stderr } of await Promise.all(MEMBERS.map(async (host) => site.lab.exec(host, script))))
    assert.equal(exitCode, 0, stderr);
}

/** What is printed for a bootstrap that nobody goes on with; nothing once the members came right by themselves. */
async function whatToDo(site: Site): Promise<{ readonly wayOut: string | undefined } | undefined> {
  const { stdout } = await site.pgha("plan", "-o", "json");
  const { waits } = JSON.parse(stdout) as { waits: readonly { reason: string; wayOut: string }[] };
  const abandoned = waits.find(({ reason }) => reason === "BootstrapAbandoned");
  const isUnderWay = waits.some(({ reason }) => ["BootstrapLooping", "NoLeader", "NoQuorum"].includes(reason));
  return isUnderWay ? undefined : { wayOut: abandoned?.wayOut };
}

/**
 * What a host was given in one go it finishes by itself: the steps after the one reported are done, or begun, without
 * pgha.
 */
function isStepDone({ event }: LogLine): boolean {
  return event === "step-done";
}

async function plannedSteps(site: Site): Promise<ReadonlySet<string>> {
  const { stdout } = await site.demand(2, "plan", "-o", "json");
  return new Set((JSON.parse(stdout) as { steps: readonly { id: string }[] }).steps.map(({ id }) => id));
}

/**
 * What a killed run left going on a host, an installation above all, is finished first: pgha says so, and a person
 * would run it again.
 */
function isStillBusy(said: string): boolean {
  return said.includes(" is locked by ") || said.includes("an earlier step still runs on this host");
}

async function assertReady(site: Site): Promise<void> {
  await site.demand(0, "apply", "--yes", "--no-diff");
  await site.demand(0, "plan");
  await site.demand(0, "status");
}

/** What was generated once is never generated again. */
async function assertPasswordsKept(site: Site, before: Map<string, string>): Promise<void> {
  for (const [name, { password }] of await site.secrets()) {
    if (password === undefined) continue;
    assert.equal(password, before.get(name) ?? password, name);
    before.set(name, password);
  }
}

/** The same hosts with new disks, and somebody who never ran pgha. */
async function anew(site: Site): Promise<Site> {
  removeFolder(site.folder);
  await site.lab.reset();
  return openSite(site.lab);
}
