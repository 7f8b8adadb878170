import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANNOTATIONS } from "../../../src/api/annotations.ts";
import type { Wait } from "../../../src/plan/plan.ts";
import { turn } from "../../../src/apply/turn.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { visitMemories } from "../../../src/operator/visit/memory.ts";
import type { Seen, Visit } from "../../../src/operator/visit/parts.ts";
import { reportOf } from "../../../src/operator/visit/report-of.ts";
import { seenOf } from "../../../src/operator/visit/tell-seen.ts";
import { planOf } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { stored } from "./fake-kube.ts";

const CLUSTER = "PostgresHACluster/keybuzz-pg";
const LOOPING: Wait = {
  resource: CLUSTER,
  host: "db-slave-01",
  reason: "BootstrapLooping",
  for: "a leader: Patroni on db-slave-01 starts, fails and is started again",
  holds: "data",
  deadlineSeconds: 60,
  wayOut: "On db-slave-01: journalctl -u patroni.service.",
};

/** Visits to a cluster whose first bootstrap fails, each some seconds after the one before. */
async function visiting(annotations: Readonly<Record<string, string>> = {}) {
  const stack = sampleStack();
  const base = await planOf(new ModelWorld(stack));
  let nowMs = 1_800_000_000_000;
  const clock = { now: () => nowMs };
  const memory = visitMemories(clock.now).of("x");
  const asked: string[] = [];
  const pass: Pass = {
    ...base,
    shellFor: (host) => ({
      host,
      run: async ({ script }) => {
        if (script.includes("journalctl")) asked.push(host);
        return { exitCode: 0, stdout: `initdb: error: could not create directory "${host}"\n`, stderr: "" };
      },
    }),
  };
  const [cluster] = stack.clusters;
  const live = { current: () => stored(cluster ?? {}, { annotations }) };
  const visit = { name: CLUSTER, admitted: { name: CLUSTER }, live, parts: { clock }, memory } as unknown as Visit;
  const visitAfter = async (seconds: number, waits: readonly Wait[]) => {
    nowMs += seconds * 1000;
    let stalled: string | undefined;
    await turn<Seen, never>({
      owner: "test",
      signal: new AbortController().signal,
      now: clock.now,
      onEvent: () => {},
      record: () => Promise.reject(new Error("nothing to record")),
      look: async () => {
        const plan = { steps: [], waits, blockers: [], warnings: [] };
        const seen = seenOf(visit, { ...pass, plans: new Map([[CLUSTER, plan]]) });
        return { ...pass, parties: [seen], plans: [plan] };
      },
      async tell(seen, next) {
        const { conditions } = reportOf(seen, seen.pass, next);
        stalled = conditions.find(({ type }) => type === "Stalled")?.message;
        return undefined;
      },
    });
    return stalled;
  };
  return { asked, visitAfter };
}

describe("a wait of the operator that is in vain", () => {
  it("is told with what the service there says, which is asked once", async () => {
    const { asked, visitAfter } = await visiting();
    assert.equal(await visitAfter(0, [LOOPING]), undefined);
    assert.equal(await visitAfter(59, [LOOPING]), undefined);
    assert.deepEqual(asked, []);
    for (const seconds of [2, 30, 30])
      assert.equal(
        await visitAfter(seconds, [LOOPING]),
        `waited 60 s in vain for ${LOOPING.for}; patroni.service said: initdb: error: could not create ` +
          `directory "db-slave-01". ${LOOPING.wayOut}`,
      );
    assert.deepEqual(asked, ["db-slave-01"]);
  });

  it("is asked about anew when it is another one, or came back", async () => {
    const { asked, visitAfter } = await visiting();
    await visitAfter(0, [LOOPING]);
    await visitAfter(61, [LOOPING]);
    const other: Wait = { ...LOOPING, reason: "PatroniNotAnswering", host: "db-slave-02" };
    await visitAfter(1, [other]);
    await visitAfter(61, [other]);
    await visitAfter(1, []);
    await visitAfter(1, [LOOPING]);
    await visitAfter(61, [LOOPING]);
    assert.deepEqual(asked, ["db-slave-01", "db-slave-02", "db-slave-01"]);
  });

  it("for no host in particular is asked about on all of them", async () => {
    const { asked, visitAfter } = await visiting();
    const { host: _, ...anywhere } = LOOPING;
    const signs = ["db-master-01", "db-slave-01", "db-slave-02"].map((name) => ({
      host: name,
      url: "http://x/primary",
    }));
    await visitAfter(0, [{ ...anywhere, signs }]);
    const message = await visitAfter(61, [{ ...anywhere, signs }]);
    assert.deepEqual(asked.toSorted(), ["db-master-01", "db-slave-01", "db-slave-02"]);
    assert.match(message ?? "", /patroni\.service on db-master-01 said: initdb: error/);
  });

  it("is not asked about while a person keeps pgha's hands off", async () => {
    const { asked, visitAfter } = await visiting({ [ANNOTATIONS.paused]: "true" });
    await visitAfter(0, [LOOPING]);
    await visitAfter(61, [LOOPING]);
    assert.deepEqual(asked, []);
  });
});
