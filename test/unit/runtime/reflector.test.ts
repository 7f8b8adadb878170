import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { KubeObject } from "../../../src/runtime/kube-object.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { createReflector } from "../../../src/runtime/reflector.ts";
import type { Reflector, WatchEnd } from "../../../src/runtime/reflector.ts";
import { FakeClock, settle } from "./fake-clock.ts";
import { apiError, scriptedClient, watchBody } from "./scripted-client.ts";

const THINGS = { type: { group: "test.example", version: "v1", plural: "things", kind: "Thing" } };

function thing(name: string, resourceVersion: string): KubeObject {
  return { metadata: { namespace: "here", name, resourceVersion } };
}

interface Setup {
  readonly clock: FakeClock;
  readonly reflector: Reflector<KubeObject>;
  /** `list`, or `watch FROM`, each with the moment it was asked. */
  readonly asked: string[];
  readonly heard: string[];
  readonly ends: WatchEnd[];
}

/** Starts a reflector whose lists and watches are answered by the test; a watch it has no answer for stays silent. */
function start(
  context: TestContext,
  lists: (count: number) => unknown,
  watches: (count: number) => Readable | undefined,
): Setup {
  const clock = new FakeClock();
  const asked: string[] = [];
  const heard: string[] = [];
  const ends: WatchEnd[] = [];
  let listCount = 0;
  let watchCount = 0;
  const client = scriptedClient(
    () => {
      asked.push(`${clock.monotonic()} list`);
      return lists((listCount += 1));
    },
    ({ query }) => {
      asked.push(`${clock.monotonic()} watch ${query?.["resourceVersion"]}`);
      return watches((watchCount += 1)) ?? new Readable({ read() {} });
    },
  );
  const backoff = { firstMs: 500, longestMs: 10_000, jitter: 0 };
  const reflector = createReflector<KubeObject>({
    client,
    selection: THINGS,
    clock,
    log: silentLog,
    random: () => 0.5,
    backoff,
    onEnd: (why) => ends.push(why),
  });
  reflector.onChange((change) => heard.push(`${change.kind} ${change.object.metadata.name}`));
  const stop = new AbortController();
  const running = reflector.run(stop.signal);
  context.after(async () => {
    stop.abort();
    await Promise.race([running, settle()]);
  });
  return { clock, reflector, asked, heard, ends };
}

function listOf(resourceVersion: string, ...items: readonly KubeObject[]): unknown {
  return { metadata: { resourceVersion }, items };
}

const throwing = (error: Error): Readable =>
  new Readable({
    read() {
      this.destroy(error);
    },
  });

test("what the list and the watch say is in the store and heard in order", async (context) => {
  const { clock, reflector, heard, asked } = start(
    context,
    () => listOf("5", thing("a", "3")),
    (count) =>
      count === 1
        ? watchBody([
            { type: "ADDED", object: thing("b", "6") },
            { type: "MODIFIED", object: thing("a", "7") },
            { type: "DELETED", object: thing("b", "8") },
            { type: "BOOKMARK", object: { metadata: { resourceVersion: "20" } } },
          ])
        : undefined,
  );
  assert.equal(reflector.synced(), false);
  await clock.advance(0);
  assert.equal(reflector.synced(), true);
  assert.deepEqual(heard, ["added a", "added b", "updated a", "deleted b"]);
  assert.deepEqual(
    reflector.store.list().map(({ metadata }) => metadata.resourceVersion),
    ["7"],
  );
  assert.deepEqual(
    asked,
    ["0 list", "0 watch 5", "0 watch 20"],
    "an orderly end is followed by a watch from the bookmark, at once",
  );
});

test("a listener that comes later hears of what is known already", async (context) => {
  const { clock, reflector } = start(
    context,
    () => listOf("5", thing("a", "3")),
    () => undefined,
  );
  await clock.advance(0);
  const heard: string[] = [];
  reflector.onChange((change) => heard.push(`${change.kind} ${change.object.metadata.name}`));
  assert.deepEqual(heard, ["added a"]);
});

test("a listener that throws disturbs neither the others nor the watch", async (context) => {
  const { clock, reflector, heard } = start(
    context,
    () => listOf("5"),
    (count) =>
      count === 1
        ? watchBody([
            { type: "ADDED", object: thing("a", "6") },
            { type: "ADDED", object: thing("b", "7") },
          ])
        : undefined,
  );
  const late: string[] = [];
  reflector.onChange(() => {
    throw new Error("no");
  });
  reflector.onChange((change) => late.push(change.object.metadata.name));
  await clock.advance(0);
  assert.deepEqual(heard, ["added a", "added b"]);
  assert.deepEqual(late, ["a", "b"]);
});

test(
  "an interrupted watch goes on from the last event, after a pause that grows and is short again after " + "success",
  async (context) => {
    const { clock, asked, ends } = start(
      context,
      () => listOf("5"),
      (count) => {
        if (count === 4) return watchBody([{ type: "ADDED", object: thing("a", "6") }]);
        return count > 5 ? undefined : throwing(new Error("read ECONNRESET"));
      },
    );
    await clock.advance(20_000);
    assert.deepEqual(asked, [
      "0 list",
      "0 watch 5",
      "500 watch 5",
      "1500 watch 5",
      "3500 watch 5",
      "3500 watch 6",
      "4000 watch 6",
    ]);
    assert.deepEqual(ends, ["failed", "failed", "failed", "expired", "failed"]);
  },
);

test("history that is gone is followed by a new list, which tells what was missed", async (context) => {
  const { clock, asked, heard, ends } = start(
    context,
    (count) =>
      count === 1 ? listOf("5", thing("a", "3"), thing("b", "4")) : listOf("50", thing("b", "44"), thing("c", "45")),
    (count) => (count === 1 ? watchBody([{ type: "ERROR", object: { code: 410, message: "too old" } }]) : undefined),
  );
  await clock.advance(600);
  assert.deepEqual(asked, ["0 list", "0 watch 5", "500 list", "500 watch 50"]);
  assert.deepEqual(heard, ["added a", "added b", "deleted a", "updated b", "added c"]);
  assert.deepEqual(ends, ["gone"]);
});

test("history that is always gone does not become a tight loop", async (context) => {
  const { clock, asked } = start(
    context,
    () => listOf("5"),
    () => watchBody([{ type: "ERROR", object: { code: 410, message: "too old" } }]),
  );
  await clock.advance(60_000);
  assert.ok(asked.length < 2 * 12, `${asked.length} requests in a minute`);
});

test("Retry-After is waited for, within reason", async (context) => {
  const { clock, asked, ends } = start(
    context,
    (count) => {
      if (count === 1) throw apiError(429, 7_000);
      if (count === 2) throw apiError(503, 86_400_000);
      return listOf("5");
    },
    () => undefined,
  );
  await clock.advance(200_000);
  assert.deepEqual(asked, ["0 list", "7000 list", "127000 list", "127000 watch 5"]);
  assert.deepEqual(ends, ["throttled", "throttled"]);
});

test("a server that ends each watch at once is not asked in a tight loop", async (context) => {
  const { clock, asked } = start(
    context,
    () => listOf("5"),
    () => Readable.from([]),
  );
  await clock.advance(60_000);
  assert.ok(asked.length < 15, `${asked.length} requests in a minute`);
});

test(
  "an API server that is down for an hour is asked every few seconds, and found again when it " + "is back",
  async (context) => {
    let isDown = true;
    const { clock, asked, reflector } = start(
      context,
      () => {
        if (isDown) throw apiError(undefined);
        return listOf("5");
      },
      () => undefined,
    );
    await clock.advance(3_600_000);
    assert.ok(asked.length > 300 && asked.length < 400, `${asked.length} requests in an hour`);
    isDown = false;
    await clock.advance(10_000);
    assert.equal(reflector.synced(), true);
  },
);

test("everything is listed anew from time to time, when a watch ends anyway", async (context) => {
  const { clock, asked } = start(
    context,
    () => listOf("5"),
    () => {
      const watch = new Readable({ read() {} });
      void clock.sleep(450_000).then(() => watch.push(null));
      return watch;
    },
  );
  await clock.advance(2 * 3_600_000);
  const lists = asked.filter((line) => line.endsWith("list"));
  assert.deepEqual(lists, ["0 list", "1800000 list", "3600000 list", "5400000 list", "7200000 list"]);
});

test("a stop ends the watch, and waiting for the first list with it", async () => {
  const clock = new FakeClock();
  const client = scriptedClient(() => {
    throw apiError(undefined);
  });
  const reflector = createReflector({ client, selection: THINGS, clock, log: silentLog });
  const stop = new AbortController();
  const ended = Promise.all([reflector.run(stop.signal), reflector.whenSynced(stop.signal)]);
  await clock.advance(5_000);
  stop.abort();
  await ended;
  assert.equal(clock.sleeping, 0);
});
