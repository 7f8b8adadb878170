import assert from "node:assert/strict";
import { test } from "node:test";
import { createApiClient } from "../../../src/runtime/api-client.ts";
import type { ApiConnection } from "../../../src/runtime/api-connection.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { ApiError } from "../../../src/runtime/api-error.ts";
import { readAll } from "../../../src/runtime/api-answer.ts";
import { scriptedServer, sendJson } from "./scripted-server.ts";

test("a request carries the path below the server's own, the query, the body and who asks", async (context) => {
  const { client, requests } = await scriptedServer(context, (request, response) =>
    sendJson(response, 200, {
      body: request.body,
      type: request.headers["content-type"],
      who: request.headers.authorization,
    }),
  );
  const answer = await client.request({
    method: "PATCH",
    path: "/api/v1/things/a",
    query: { a: "x y", b: undefined },
    body: { c: 1 },
  });
  assert.deepEqual(requests, ["PATCH /base/api/v1/things/a?a=x+y"]);
  assert.deepEqual(answer, { body: '{"c":1}', type: "application/merge-patch+json", who: "Bearer t0ken" });
});

test("requests one after the other share one connection", async (context) => {
  const { client, connections } = await scriptedServer(context, (_, response) => sendJson(response, 200, {}));
  for (let count = 0; count < 5; count += 1) await client.request({ method: "GET", path: "/version" });
  assert.equal(connections(), 1);
});

const refusals = [
  { status: 400, reason: "ApiRefused", retry: "never" },
  { status: 403, reason: "ApiForbidden", retry: "backoff" },
  { status: 404, reason: "ApiNotFound", retry: "backoff" },
  { status: 409, reason: "ApiConflict", retry: "soon" },
  { status: 410, reason: "ApiGone", retry: "soon" },
  { status: 422, reason: "ApiRefused", retry: "never" },
  { status: 429, reason: "ApiThrottled", retry: "backoff" },
  { status: 500, reason: "ApiUnavailable", retry: "backoff" },
] as const;

for (const { status, reason, retry } of refusals) {
  test(`an answer ${status} is an error ${reason} with the server's own words`, async (context) => {
    const { client, answers } = await scriptedServer(context, (_, response) =>
      sendJson(response, status, { message: "because" }, { "retry-after": "7" }),
    );
    await assert.rejects(client.request({ method: "GET", path: "/x" }), (error) => {
      assert.ok(error instanceof ApiError);
      assert.deepEqual([error.status, error.reason, error.retry, error.retryAfterMs], [status, reason, retry, 7_000]);
      assert.match(error.message, /GET \/x: \d+ because/);
      return true;
    });
    assert.deepEqual(answers, [`GET ${status}`]);
  });
}

test("an answer that is not JSON is an error, not a crash", async (context) => {
  const { client } = await scriptedServer(context, (_, response) => response.writeHead(200).end("<html>proxy</html>"));
  await assert.rejects(client.request({ method: "GET", path: "/x" }), {
    name: "ApiError",
    message: /not JSON: <html>/,
  });
});

test(
  "no answer in time is an error that says so, before the head of the answer and within " + "its body",
  async (context) => {
    const { client, answers } = await scriptedServer(context, (request, response) => {
      if (request.url?.endsWith("body") === true) response.writeHead(200).write("{");
    });
    await assert.rejects(client.request({ method: "GET", path: "/head", timeoutMs: 30 }), {
      reason: "ApiUnreachable",
      message: /no answer within 0.03 s/,
    });
    await assert.rejects(client.request({ method: "GET", path: "/body", timeoutMs: 500 }), {
      reason: "ApiUnreachable",
      message: /no answer within 0.5 s/,
    });
    assert.deepEqual(answers, ["GET <error>", "GET 200"]);
  },
);

test("a read is asked again when the server had closed the idle connection, a write is not", async (context) => {
  const seen = new Map<string, number>();
  const { client, requests } = await scriptedServer(context, (request, response) => {
    const count = (seen.get(request.url ?? "") ?? 0) + 1;
    seen.set(request.url ?? "", count);
    if (request.url?.endsWith("reset") === true && count === 1) request.socket.destroy();
    else sendJson(response, 200, {});
  });
  await client.request({ method: "GET", path: "/warm" });
  await client.request({ method: "GET", path: "/reset" });
  seen.clear();
  await assert.rejects(client.request({ method: "POST", path: "/reset", body: {} }), { reason: "ApiUnreachable" });
  assert.deepEqual(requests, ["GET /base/warm", "GET /base/reset", "GET /base/reset", "POST /base/reset"]);
});

test("credentials that cannot be had are an error of the API server, so that whoever asks tries again", async () => {
  const connection: ApiConnection = {
    server: new URL("http://127.0.0.1:1"),
    options: () => Promise.reject(new Error("no such token file")),
    dropIdle: () => {},
    close: () => {},
  };
  const client = createApiClient({ connection, clock: systemClock });
  await assert.rejects(client.request({ method: "GET", path: "/x" }), {
    reason: "ApiUnreachable",
    message: /no such token file/,
  });
});

test("an aborted request ends at once", async (context) => {
  const { client } = await scriptedServer(context, () => {});
  const stop = new AbortController();
  const asking = client.request({ method: "GET", path: "/x", signal: stop.signal });
  stop.abort();
  await assert.rejects(asking, { reason: "ApiUnreachable" });
});

test("a stream that falls silent fails, one that goes on does not", async (context) => {
  const { client } = await scriptedServer(context, (request, response) => {
    response.writeHead(200).write("begin");
    if (request.url?.endsWith("silent") === true) return;
    let count = 0;
    const timer = setInterval(() => {
      response.write(".");
      if ((count += 1) === 8) {
        clearInterval(timer);
        response.end();
      }
    }, 50);
  });
  // Longer in all than the silence that ends a stream, each pause much shorter.
  assert.equal(await readAll(await client.stream({ method: "GET", path: "/goes-on" }, 300)), "begin........");
  await assert.rejects(readAll(await client.stream({ method: "GET", path: "/silent" }, 100)), {
    reason: "ApiUnreachable",
    message: /silent for 0.1 s/,
  });
});

test("contact is any answer but the server's own failure", async (context) => {
  let status = 500;
  const { client } = await scriptedServer(context, (_, response) => sendJson(response, status, {}));
  await assert.rejects(client.request({ method: "GET", path: "/x" }));
  assert.equal(client.lastContact(), -Infinity);
  status = 404;
  await assert.rejects(client.request({ method: "GET", path: "/x" }));
  assert.ok(client.lastContact() > 0);
});

test("a question without an answer ends the streams that were silent since, and no others", async (context) => {
  const { client } = await scriptedServer(context, (request, response) => {
    if (request.url?.endsWith("question") === true) return;
    response.writeHead(200).write("begin");
    if (request.url?.endsWith("talks") !== true) return;
    const timer = setInterval(() => response.write("."), 10);
    response.on("close", () => clearInterval(timer));
  });
  const silent = await client.stream({ method: "GET", path: "/silent" }, 60_000);
  const talks = await client.stream({ method: "GET", path: "/talks" }, 60_000);
  const reading = [silent, talks].map((stream) => readAll(stream).catch((error: unknown) => (error as Error).message));
  await assert.rejects(client.request({ method: "GET", path: "/question", timeoutMs: 100 }));
  assert.equal(await reading[0], "silent while another request got no answer");
  assert.equal(talks.destroyed, false);
  talks.destroy();
});
