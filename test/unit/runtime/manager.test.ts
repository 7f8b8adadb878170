import assert from "node:assert/strict";
import { test } from "node:test";
import type { Controller } from "../../../src/runtime/controller.ts";
import type { LeaderElector } from "../../../src/runtime/leader-elector.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { createManager } from "../../../src/runtime/manager.ts";
import type { RunningReflector } from "../../../src/runtime/manager.ts";
import { settle } from "./fake-clock.ts";

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}

function parts(): {
  readonly did: string[];
  readonly reflector: RunningReflector;
  readonly controller: Controller;
  readonly elector: LeaderElector;
  readonly sync: () => void;
} {
  const did: string[] = [];
  const synced = Promise.withResolvers<void>();
  let isSynced = false;
  return {
    did,
    sync: () => {
      isSynced = true;
      synced.resolve();
    },
    reflector: {
      synced: () => isSynced,
      whenSynced: (signal) => Promise.race([synced.promise, aborted(signal)]),
      async run(signal) {
        did.push("watch");
        await aborted(signal);
        did.push("watch ended");
      },
    },
    controller: {
      name: "thing",
      wake: () => {},
      async runTerm(context) {
        did.push("work");
        await aborted(context.signal);
        did.push("work finished");
      },
    },
    elector: {
      isLeader: () => true,
      async run(_, lead) {
        did.push("lead");
        await lead(new AbortController().signal);
        did.push("released");
      },
    },
  };
}

test(
  "it learns what exists, leads, works; and on a stop finishes the work, releases, ends the watches, in " +
    "this order",
  async () => {
    const { did, reflector, controller, elector, sync } = parts();
    const manager = createManager({ reflectors: [reflector], controllers: [controller], elector, log: silentLog });
    const stop = new AbortController();
    const running = manager.run(stop.signal);
    await settle();
    assert.deepEqual([did, manager.synced()], [["watch"], false]);
    sync();
    await settle();
    assert.equal(manager.synced(), true);
    stop.abort();
    await running;
    assert.deepEqual(did, ["watch", "lead", "work", "work finished", "released", "watch ended"]);
  },
);

test("a controller that fails ends the term for the others too, and only then is the lease released", async () => {
  const { did, reflector, controller, elector, sync } = parts();
  const broken: Controller = { name: "broken", wake: () => {}, runTerm: () => Promise.reject(new Error("no")) };
  sync();
  const stop = new AbortController();
  const running = createManager({
    reflectors: [reflector],
    controllers: [broken, controller],
    elector,
    log: silentLog,
  }).run(stop.signal);
  await settle();
  assert.deepEqual(did, ["watch", "lead", "work", "work finished", "released", "watch ended"]);
  stop.abort();
  await running;
});

test("a stop before anything is known ends at once", async () => {
  const { did, reflector, controller } = parts();
  const stop = new AbortController();
  const running = createManager({ reflectors: [reflector], controllers: [controller], log: silentLog }).run(
    stop.signal,
  );
  await settle();
  stop.abort();
  await running;
  assert.deepEqual(did, ["watch", "work", "work finished", "watch ended"]);
});
