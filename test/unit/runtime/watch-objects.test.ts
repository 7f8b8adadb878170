import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { ApiRequest } from "../../../src/runtime/api-client.ts";
import { watchObjects } from "../../../src/runtime/watch-objects.ts";
import type { WatchEvent } from "../../../src/runtime/watch-objects.ts";
import type { KubeObject } from "../../../src/runtime/kube-object.ts";
import { scriptedClient, watchBody } from "./scripted-client.ts";

const THINGS = {
  type: { group: "test.example", version: "v1", plural: "things", kind: "Thing" },
  labelSelector: "a=b",
};
const OPTIONS = { resourceVersion: "5", timeoutSeconds: 300, idleMs: 1_000, signal: new AbortController().signal };

async function collect(
  events: readonly unknown[],
  asked: ApiRequest[] = [],
): Promise<readonly WatchEvent<KubeObject>[]> {
  const client = scriptedClient(
    () => ({}),
    (request) => {
      asked.push(request);
      return watchBody(events);
    },
  );
  const seen: WatchEvent<KubeObject>[] = [];
  for await (const event of watchObjects(client, THINGS, OPTIONS)) seen.push(event);
  return seen;
}

test("events arrive whole however the bytes are cut, letters beyond ASCII too", async () => {
  const metadata = { name: "größe", resourceVersion: "6" };
  const asked: ApiRequest[] = [];
  const seen = await collect(
    [
      { type: "ADDED", object: { metadata } },
      { type: "BOOKMARK", object: { metadata: { resourceVersion: "8" } } },
    ],
    asked,
  );
  assert.deepEqual(seen, [
    { type: "ADDED", object: { apiVersion: "test.example/v1", kind: "Thing", metadata } },
    { type: "BOOKMARK", resourceVersion: "8" },
  ]);
  assert.deepEqual(asked[0]?.query, {
    labelSelector: "a=b",
    fieldSelector: undefined,
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: "5",
    timeoutSeconds: 300,
  });
});

test("an error inside the watch is thrown with its status", async () => {
  const status = { kind: "Status", code: 410, message: "too old resource version" };
  await assert.rejects(collect([{ type: "ERROR", object: status }]), {
    status: 410,
    reason: "ApiGone",
    message: /too old/,
  });
});

test("a line that is not JSON is an error of the API server", async () => {
  const client = scriptedClient(
    () => ({}),
    () => Readable.from([Buffer.from("<html>\n")]),
  );
  await assert.rejects(
    async () => {
      for await (const event of watchObjects(client, THINGS, OPTIONS)) assert.fail(`saw ${event.type}`);
    },
    { name: "ApiError" },
  );
});
