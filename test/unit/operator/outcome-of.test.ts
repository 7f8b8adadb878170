import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Patience, STEADY } from "../../../src/apply/patience.ts";
import { turn } from "../../../src/apply/turn.ts";
import { LeadershipLostError } from "../../../src/runtime/reconcile-context.ts";
import { RESOURCE_TYPES } from "../../../src/operator/resources/resource-types.ts";
import { outcomeOf } from "../../../src/operator/visit/outcome-of.ts";
import type { Seen, Visit } from "../../../src/operator/visit/parts.ts";
import { visitMemories } from "../../../src/operator/visit/memory.ts";
import { seenOf } from "../../../src/operator/visit/tell-seen.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { liveResource } from "../../../src/state/live-resource.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { planOf } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { fakeKube, stored } from "./fake-kube.ts";

const PROXY = "HAProxyPool/keybuzz-haproxy";
const base = await planOf(new ModelWorld(sampleStack()));

/** Turns of one resource whose first step fails each time it is tried. */
function visiting() {
  const [proxy] = sampleStack().haproxyPools;
  const { client, objects } = fakeKube();
  const path = "/apis/pgha.keybuzz.io/v1alpha1/namespaces/db/haproxypools/keybuzz-haproxy";
  objects.set(path, stored(proxy ?? {}) as never);
  const events: string[] = [];
  const tried: string[] = [];
  let nowMs = 1_800_000_000_000;
  const clock = { now: () => nowMs };
  const memory = visitMemories(clock.now).of("x");
  const [step] = base.plans.get(PROXY)?.steps ?? [];
  assert.ok(step);
  const plan = { steps: [step], waits: [], blockers: [], warnings: [] };
  const pass: Pass = {
    ...base,
    plans: new Map([[PROXY, plan]]),
    shellFor: (host) => ({
      host,
      run: async () => {
        tried.push(host);
        return { exitCode: 1, stdout: "", stderr: "no" };
      },
    }),
  };
  const announcer = {
    warning: (_: unknown, reason: string, action: string) => void events.push(`${reason} ${action}`),
  };
  const visit = async (): Promise<string> => {
    const live = liveResource(client, RESOURCE_TYPES.HAProxyPool, objects.get(path) as unknown as StoredResource);
    const parts = { clock, announcer };
    const one = { kind: "HAProxyPool", name: PROXY, admitted: { name: PROXY }, live, memory, parts };
    const endings = await turn<Seen, never>({
      owner: "test",
      signal: new AbortController().signal,
      now: clock.now,
      onEvent: () => {},
      record: () => Promise.reject(new LeadershipLostError()),
      look: async () => ({ ...pass, parties: [seenOf(one as unknown as Visit, pass)], plans: [plan] }),
      tell: async () => undefined,
    });
    const [[seen, ending] = []] = endings;
    assert.ok(seen && ending);
    try {
      const outcome = await outcomeOf(seen, ending);
      return outcome.kind === "again" ? `again in ${outcome.afterMs}` : outcome.kind;
    } catch (error) {
      return error instanceof Error ? error.name : "";
    }
  };
  const touch = (change: Partial<StoredResource["metadata"]>): void => {
    const now = objects.get(path) as unknown as StoredResource;
    objects.set(path, { ...now, metadata: { ...now.metadata, ...change } } as never);
  };
  const ready = () =>
    (objects.get(path) as unknown as StoredResource).status?.conditions?.find(({ type }) => type === "Ready")?.reason;
  return { visit, touch, ready, events, tried, memory, after: (milliseconds: number) => void (nowMs += milliseconds) };
}

describe("a resource one of whose steps failed", () => {
  it(
    "is told of it once, and rests however often its stack is visited, longer with each failure " + "in a row",
    async () => {
      const { visit, ready, events, tried, memory, after } = visiting();
      assert.equal(await visit(), "StepFailedError");
      assert.deepEqual([ready(), events], ["StepFailed", ["StepFailed Apply"]]);
      for (const left of [500, 400, 300]) {
        assert.equal(await visit(), `again in ${left}`);
        after(100);
      }
      assert.deepEqual([tried.length, events.length, memory.patience.isResting], [1, 1, true]);
      after(200);
      memory.failures = 4;
      assert.equal(await visit(), "StepFailedError");
      assert.equal(await visit(), "again in 8000");
      assert.equal(tried.length, 2);
    },
  );

  it("is tried at once by who touches it: its spec, an annotation, or that it is to be deleted", async () => {
    const { visit, touch, tried } = visiting();
    await visit();
    for (const change of [
      { generation: 2 },
      { annotations: { "pgha.keybuzz.io/reconcile-at": "now" } },
      { deletionTimestamp: "2026-11-29T12:00:00Z" },
    ]) {
      assert.match(await visit(), /again/);
      touch(change);
      assert.equal(await visit(), "StepFailedError");
    }
    assert.equal(tried.length, 4);
  });

  it("rests no more once its steps were taken, or nothing is left to do", () => {
    const { memory } = visiting();
    assert.equal(memory.patience.isResting, false);
    const [step] = base.plans.get(PROXY)?.steps ?? [];
    assert.ok(step);
    for (const end of ["endRest", "forget"] as const) {
      const patience = new Patience(STEADY);
      const failure = { host: "a", command: "", exitCode: 1, said: "", wayOut: "" };
      patience.rest({ kind: "failed", step, failure }, 1000, "");
      assert.deepEqual([patience.isResting, patience.restsUntil(0, "")], [true, 1000]);
      patience[end]();
      assert.deepEqual([patience.isResting, patience.restsUntil(0, "")], [false, undefined]);
    }
  });
});
