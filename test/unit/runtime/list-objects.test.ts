import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiRequest } from "../../../src/runtime/api-client.ts";
import { listObjects } from "../../../src/runtime/list-objects.ts";
import { apiError, scriptedClient } from "./scripted-client.ts";

const SECRETS = { type: { group: "", version: "v1", plural: "secrets", kind: "Secret" }, namespace: "here" };

function item(name: string): object {
  return { metadata: { name, namespace: "here", managedFields: [{ manager: "kubectl" }] } };
}

test("all pages are read, and each object knows what it is", async () => {
  const asked: ApiRequest[] = [];
  const client = scriptedClient((request) => {
    asked.push(request);
    const isFirst = request.query?.["continue"] === undefined;
    return isFirst
      ? { metadata: { continue: "more", resourceVersion: "7" }, items: [item("a")] }
      : { metadata: { resourceVersion: "7" }, items: [item("b")] };
  });
  const { objects, resourceVersion } = await listObjects(client, SECRETS);
  assert.equal(resourceVersion, "7");
  assert.deepEqual(objects, [
    { apiVersion: "v1", kind: "Secret", metadata: { name: "a", namespace: "here" } },
    { apiVersion: "v1", kind: "Secret", metadata: { name: "b", namespace: "here" } },
  ]);
  assert.deepEqual(
    asked.map(({ path, query }) => [path, query?.["limit"], query?.["continue"]]),
    [
      ["/api/v1/namespaces/here/secrets", 500, undefined],
      ["/api/v1/namespaces/here/secrets", 500, "more"],
    ],
  );
});

test("a list that the server forgets half-way is asked again, whole", async () => {
  const limits: unknown[] = [];
  const client = scriptedClient(({ query }) => {
    limits.push(query?.["limit"]);
    if (query?.["continue"] !== undefined) throw apiError(410);
    return {
      metadata: { resourceVersion: "9", ...(query?.["limit"] === undefined ? {} : { continue: "old" }) },
      items: [item("a")],
    };
  });
  assert.equal((await listObjects(client, SECRETS)).objects.length, 1);
  assert.deepEqual(limits, [500, 500, undefined]);
});

test("an empty list of a server that writes null for it is empty", async () => {
  assert.deepEqual(
    await listObjects(
      scriptedClient(() => ({ metadata: { resourceVersion: "1" }, items: null })),
      SECRETS,
    ),
    { objects: [], resourceVersion: "1" },
  );
});
