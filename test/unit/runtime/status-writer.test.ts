import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiRequest } from "../../../src/runtime/api-client.ts";
import { writeStatus } from "../../../src/runtime/status-writer.ts";
import { apiError, scriptedClient } from "./scripted-client.ts";

const THINGS = { group: "test.example", version: "v1", plural: "things", kind: "Thing" };
const thing = {
  metadata: { namespace: "here", name: "a", resourceVersion: "7" },
  spec: { x: 1 },
  status: { ready: true } as { readonly ready?: boolean; readonly leader?: string | undefined },
};

test("a status that is there already is not sent, nor are undefined fields a difference", async () => {
  const client = scriptedClient(() => assert.fail("asked"));
  assert.equal(await writeStatus(client, THINGS, thing, { ready: true, leader: undefined }), "unchanged");
});

test("another status is sent with the version that was read", async () => {
  const sent: ApiRequest[] = [];
  const client = scriptedClient((request) => sent.push(request));
  assert.equal(await writeStatus(client, THINGS, thing, { ready: false }), "written");
  assert.equal(`${sent[0]?.method} ${sent[0]?.path}`, "PUT /apis/test.example/v1/namespaces/here/things/a/status");
  assert.deepEqual(sent[0]?.body, { ...thing, status: { ready: false } });
});

test("an object that was deleted meanwhile is no error", async () => {
  const client = scriptedClient(() => {
    throw apiError(404);
  });
  assert.equal(await writeStatus(client, THINGS, thing, {}), "gone");
});

test("a status made from an old state is refused, and made again soon", async () => {
  const client = scriptedClient(() => {
    throw apiError(409);
  });
  await assert.rejects(writeStatus(client, THINGS, thing, {}), { reason: "ApiConflict", retry: "soon" });
});
