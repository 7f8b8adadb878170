import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan, Step } from "../../src/plan/plan.ts";
import { convergedWorld } from "../model/converge.ts";
import { copyOf } from "../model/model-copy.ts";
import { INVARIANTS } from "../model/invariants.ts";
import { SYSTEM_ID } from "../model/model-world.ts";
import type { ModelWorld } from "../model/model-world.ts";
import { COMMAND_LINE, rehearse, rehearseRemoval } from "../model/rehearsal.ts";
import type { Planner } from "../model/rehearsal.ts";
import { InvariantBrokenError } from "../model/watched.ts";
import type { Script } from "../model/watched.ts";
import { worldOf } from "../model/worlds.ts";
import type { Start } from "../model/worlds.ts";

const converged = await convergedWorld();
const CLUSTER = "PostgresHACluster/keybuzz-pg";
const BEGIN: Start = { led: "db-master-01", edits: [], asked: false, switchover: "none" };
const MEMBERS = ["db-master-01", "db-slave-01", "db-slave-02"];

/** Who does one thing wrong, where pgha would be right. */
interface Wrong extends Omit<Planner, "wave"> {
  readonly wave?: Planner["wave"];
  readonly start?: Partial<Start>;
  readonly happenings?: Script["happenings"];
}

const step = (host: string, change: Step["change"], resource = CLUSTER): Step => ({
  id: `${host}/${change.kind}`,
  resource,
  host,
  stage: "services",
  change,
  because: "a test wants it",
  impact: "restart",
});

const restart = (host: string, unit: string): Step => step(host, { kind: "restart-unit", unit });

/** Takes every step that is planned at once, whatever its budget and whatever it comes after. */
const all: Planner["wave"] = ({ plan }) => plan.steps.map(({ budget: _, after: __, ...rest }) => rest);

const memberRestart = (model: ModelWorld, host: string): Step =>
  step(host, {
    kind: "restart-member",
    member: host,
    url: "",
    role: host === "db-master-01" ? "primary" : "replica",
    onlyPending: false,
    dataDirectory: "",
    postmaster: model.host(host).postmaster,
    startSeconds: 60,
  });

const memberReinit = (model: ModelWorld, host: string): Step =>
  step(host, {
    kind: "reinit-member",
    member: host,
    url: "",
    leader: "db-master-01",
    leaderUrl: "",
    dataDirectory: "",
    copy: copyOf(model.host(host)),
    watchSeconds: 0,
  });

/** Nobody reads through proxies, so that nobody is to be led past a replica. */
const withoutReaders: Planner["acts"] = (model) => {
  for (const name of ["proxy-01", "proxy-02"]) model.host(name).drainedByHand = new Set(MEMBERS);
};

/** By the invariant that catches it. */
const WRONG: Readonly<Record<string, Wrong>> = {
  "a majority of voters stays up, as far as it is up to us": {
    name: "restarts every Patroni at once",
    acts: withoutReaders,
    wave: () => MEMBERS.map((host) => restart(host, "patroni.service")),
  },
  "there are never two primaries": {
    name: "promotes a replica beside its leader",
    acts: (model) => {
      model.host("db-slave-01").role = "primary";
    },
  },
  "there is never a second cluster": {
    name: "runs initdb on a member of its own",
    acts: (model) => {
      model.host("db-slave-01").systemId = model.newSystemId();
    },
  },
  "one member at a time is out of service because of us": {
    name: "restarts all members that something waits for",
    acts: withoutReaders,
    wave: (_, model) => MEMBERS.map((host) => memberRestart(model, host)),
  },
  "one pooler at a time is out of service because of us": {
    name: "ignores budgets, and leaves nobody behind",
    start: { edits: ["another port of PgBouncer"] },
    wave: (pass, model) =>
      all(pass, model).map((one) =>
        one.change.kind === "restart-unit" ? { ...one, change: { ...one.change, former: undefined } } : one,
      ) as readonly Step[],
  },
  "a pooler that another took the place of serves until its time": {
    name: "has no place for two",
    acts: (model) => {
      const host = model.host("proxy-01");
      const seconds = 300;
      host.former = host.former === undefined ? { port: 6432, listens: true, seconds } : undefined;
    },
  },
  "one proxy at a time is out of service because of us": {
    name: "ignores budgets of proxies",
    wave: () => ["proxy-01", "proxy-02"].map((host) => restart(host, "pgha-haproxy.service")),
  },
  "one way to the cluster at a time is out of service because of us": {
    name: "restarts a proxy beside a pooler elsewhere",
    wave: () => [restart("proxy-01", "pgha-haproxy.service"), restart("proxy-02", "pgha-pgbouncer.service")],
  },
  "no standby has less than its leader needs of it because of us": {
    name: "restarts the leader first with more",
    start: { edits: ["more connections"] },
    wave: (pass, model) => {
      const first = COMMAND_LINE.wave(pass, model).filter(({ change }) => change.kind !== "restart-member");
      return first.length > 0 ? first : [memberRestart(model, "db-master-01")];
    },
  },
  "a pooler that we pause ends its pause by itself": {
    name: "pauses without a lease",
    acts: (model) => {
      model.host("proxy-01").paused = { by: "pgha" };
    },
  },
  "readers are led past a replica before we take it away, where others serve them": {
    name: "restarts a replica that readers are on",
    wave: (_, model) => [memberRestart(model, "db-slave-01")],
  },
  "readers that we lead elsewhere come back by themselves": {
    name: "drains without a lease",
    acts: (model) => {
      model.host("proxy-01").drained = { member: "db-slave-01" };
    },
  },
  "what a person holds stays held": {
    name: "restarts a pooler that somebody paused",
    happenings: [{ what: "has its PgBouncer paused", host: "proxy-01" }],
    wave: () => [restart("proxy-01", "pgha-pgbouncer.service")],
  },
  "copies are made anew one at a time": {
    name: "copies every broken member anew at once",
    happenings: ["db-slave-01", "db-slave-02"].map((host) => ({
      what: "does not start its PostgreSQL any more",
      host,
    })),
    wave: (_, model) => ["db-slave-01", "db-slave-02"].map((host) => memberReinit(model, host)),
  },
  "nothing is wiped": {
    name: "makes a replica anew, since it is one",
    acts: withoutReaders,
    wave: () => [
      step("db-slave-02", { kind: "stop-unit", unit: "patroni.service" }),
      step("db-slave-02", {
        kind: "remove-data",
        data: { directory: "", besides: [], systemId: SYSTEM_ID, unit: "patroni.service" },
      }),
    ],
  },
  "what others put on a host stays": {
    name: "tidies up",
    happenings: [{ what: "gets somebody's file", host: "proxy-01" }],
    wave: () => [step("proxy-01", { kind: "remove-own-files", files: ["/etc/haproxy/haproxy.cfg"], trees: [] })],
  },
  "Ready is a promise": {
    name: "says Ready whatever runs",
    start: { edits: ["larger pools"] },
    statuses: ({ statuses }) => new Map([...statuses].map(([name, status]) => [name, { ...status, phase: "Ready" }])),
  },
  "it comes right": { name: "does nothing", start: { edits: ["larger pools"] }, wave: () => [] },
};

const NEVER_ENDS = "it comes right";

/** What is broken within a few orders in which things may come, before it is noticed that nothing ever ends. */
async function brokenBy(
  play: (script: Script) => Promise<unknown>,
  happenings: Script["happenings"],
  tries = 6,
): Promise<string | undefined> {
  for (let chance = 1; chance <= tries; chance += 1) {
    const invariant = await play({ happenings, chance }).then(() => undefined, nameOf);
    if (invariant !== undefined && (invariant !== NEVER_ENDS || chance === tries)) return invariant;
  }
  return undefined;
}

function nameOf(error: unknown): string {
  if (error instanceof InvariantBrokenError) return error.invariant;
  throw error;
}

for (const [invariant, { start, happenings = [], wave = COMMAND_LINE.wave, ...wrong }] of Object.entries(WRONG))
  test(`a planner that ${wrong.name} is caught: ${invariant}`, async () => {
    const begin: Start = { ...BEGIN, ...start };
    const play = async (script: Script): Promise<unknown> =>
      rehearse(await worldOf(converged, begin), script, { ...wrong, wave });
    assert.equal(await brokenBy(play, happenings, invariant === NEVER_ENDS ? 1 : 6), invariant);
  });

const NOBODY_PROMOTED = "nobody is promoted by a removal";

test(`a removal that stops the leader first is caught: ${NOBODY_PROMOTED}`, async () => {
  const leader = step("db-master-01", { kind: "stop-unit", unit: "patroni.service" });
  const leaderFirst = ({ steps }: Plan): readonly Step[] => (steps[0]?.resource === CLUSTER ? [leader] : steps);
  const play = async (script: Script): Promise<unknown> =>
    rehearseRemoval(await worldOf(converged, BEGIN), script, "Stop", leaderFirst);
  assert.equal(await brokenBy(play, []), NOBODY_PROMOTED);
});

const STOPS_ONLY = "a removal that is to stop only leaves every file";

test(`a removal that removes files where it should stop is caught: ${STOPS_ONLY}`, async () => {
  const files = ["/etc/patroni/config.yml"];
  const wave = (): readonly Step[] => [step("db-slave-02", { kind: "remove-own-files", files, trees: [] })];
  const play = async (script: Script): Promise<unknown> =>
    rehearseRemoval(await worldOf(converged, BEGIN), script, "Stop", wave);
  assert.equal(await brokenBy(play, []), STOPS_ONLY);
});

test("a removal that deletes data while members run is caught", async () => {
  const wipe = (): readonly Step[] => [
    step("db-slave-02", { kind: "stop-unit", unit: "patroni.service" }),
    step("db-slave-02", {
      kind: "remove-data",
      data: { directory: "", besides: [], systemId: SYSTEM_ID, unit: "patroni.service" },
    }),
  ];
  const play = async (script: Script): Promise<unknown> =>
    rehearseRemoval(await worldOf(converged, BEGIN), script, "Purge", wipe);
  assert.equal(await brokenBy(play, []), "nothing is wiped");
});

test("each invariant has somebody who breaks it", () => {
  const broken = new Set([...Object.keys(WRONG), NOBODY_PROMOTED, STOPS_ONLY]);
  assert.deepEqual(
    INVARIANTS.map(({ name }) => name).filter((name) => !broken.has(name)),
    [],
  );
});
