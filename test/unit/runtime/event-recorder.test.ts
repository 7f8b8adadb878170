import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiRequest } from "../../../src/runtime/api-client.ts";
import { createEventRecorder } from "../../../src/runtime/event-recorder.ts";
import type { EventRecorder } from "../../../src/runtime/event-recorder.ts";
import type { EventToRecord } from "../../../src/runtime/event.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { FakeClock } from "./fake-clock.ts";
import { apiError, scriptedClient } from "./scripted-client.ts";

type Reason = "Done" | "Refused";

interface Setup {
  readonly clock: FakeClock;
  readonly recorder: EventRecorder<Reason>;
  readonly sent: ApiRequest[];
}

function setUp(answer: (request: ApiRequest) => unknown = () => ({})): Setup {
  const clock = new FakeClock();
  const sent: ApiRequest[] = [];
  const client = scriptedClient((request) => {
    sent.push(request);
    return answer(request);
  });
  const recorder = createEventRecorder<Reason>({
    client,
    clock,
    log: silentLog,
    reportingController: "pgha.keybuzz.io/operator",
    reportingInstance: "pod-1",
  });
  return { clock, recorder, sent };
}

const done: EventToRecord<Reason> = {
  regarding: { apiVersion: "v1", kind: "Thing", namespace: "here", name: "a", uid: "1" },
  type: "Normal",
  reason: "Done",
  action: "Apply",
  note: "it is done",
};

function methods(sent: readonly ApiRequest[]): readonly string[] {
  return sent.map(
    ({ method, body }) => `${method} ${(body as { readonly series?: { readonly count: number } }).series?.count ?? 1}`,
  );
}

test("an event has all that events.k8s.io/v1 asks for", async () => {
  const { clock, recorder, sent } = setUp();
  recorder.record(done);
  await clock.advance(0);
  assert.ok(sent[0] !== undefined);
  const { metadata, ...body } = sent[0].body as {
    readonly metadata: { readonly name: string; readonly namespace: string };
  };
  assert.equal(sent[0].path, "/apis/events.k8s.io/v1/namespaces/here/events");
  assert.match(metadata.name, /^a\.[0-9a-f]{16}$/);
  assert.equal(metadata.namespace, "here");
  assert.deepEqual(body, {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    eventTime: "2026-01-01T00:00:00.000000Z",
    reportingController: "pgha.keybuzz.io/operator",
    reportingInstance: "pod-1",
    ...done,
  });
});

test("the same event again is counted in a series, which is written once a minute", async () => {
  const { clock, recorder, sent } = setUp();
  for (let count = 0; count < 100; count += 1) {
    recorder.record(done);
    await clock.advance(1_000);
  }
  assert.deepEqual(methods(sent), ["POST 1", "PATCH 60"]);
  assert.deepEqual(sent[1]?.body, { series: { count: 60, lastObservedTime: "2026-01-01T00:00:59.000000Z" } });
  await recorder.flush();
  assert.deepEqual(methods(sent), ["POST 1", "PATCH 60", "PATCH 100"]);
});

test("another reason, note or object is another event", async () => {
  const { clock, recorder, sent } = setUp();
  recorder.record(done);
  recorder.record({ ...done, reason: "Refused" });
  recorder.record({ ...done, note: "otherwise" });
  recorder.record({ ...done, regarding: { ...done.regarding, uid: "2" } });
  await clock.advance(0);
  assert.deepEqual(methods(sent), ["POST 1", "POST 1", "POST 1", "POST 1"]);
});

test("after six quiet minutes the same event is a new one", async () => {
  const { clock, recorder, sent } = setUp();
  recorder.record(done);
  await clock.advance(6 * 60_000);
  recorder.record(done);
  await clock.advance(0);
  assert.deepEqual(methods(sent), ["POST 1", "POST 1"]);
});

test("a series whose event has expired on the server is made anew, with its count", async () => {
  const { clock, recorder, sent } = setUp(({ method }) => {
    if (method === "PATCH") throw apiError(404);
    return {};
  });
  recorder.record(done);
  await clock.advance(0);
  recorder.record(done);
  await clock.advance(60_000);
  assert.deepEqual(methods(sent), ["POST 1", "PATCH 2", "POST 2"]);
});

test("an API server that is away is tried three times, and nothing is thrown", async () => {
  const { clock, recorder, sent } = setUp(() => {
    throw apiError(undefined);
  });
  recorder.record(done);
  await clock.advance(60_000);
  assert.equal(sent.length, 3);
  await recorder.flush();
});

test("an event whose creation was answered too late is not made twice", async () => {
  let count = 0;
  const { clock, recorder, sent } = setUp(() => {
    count += 1;
    throw apiError(count === 1 ? undefined : 409);
  });
  recorder.record(done);
  await clock.advance(60_000);
  assert.deepEqual(
    new Set(sent.map(({ body }) => (body as { readonly metadata: { readonly name: string } }).metadata.name)).size,
    1,
  );
  assert.equal(sent.length, 2);
});

test("a resource that has ever new things to tell is cut short, and others are not", async () => {
  const { clock, recorder, sent } = setUp();
  for (let count = 0; count < 100; count += 1) recorder.record({ ...done, note: `note ${count}` });
  recorder.record({ ...done, regarding: { ...done.regarding, name: "b" } });
  await clock.advance(0);
  assert.equal(sent.length, 26);
});

test(
  "a note that is too long is cut, whole letters only; an object outside namespaces is told of in " + "default",
  async () => {
    const { clock, recorder, sent } = setUp();
    recorder.record({ ...done, regarding: { apiVersion: "v1", kind: "Node", name: "n" }, note: "ä".repeat(600) });
    await clock.advance(0);
    const body = sent[0]?.body as { readonly note: string };
    assert.equal(body.note, `${"ä".repeat(510)}…`);
    assert.equal(sent[0]?.path, "/apis/events.k8s.io/v1/namespaces/default/events");
  },
);
