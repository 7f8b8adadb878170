import assert from "node:assert/strict";
import { test } from "node:test";
import { Counter, Registry } from "prom-client";
import { apiContactCheck } from "../../../src/runtime/api-contact.ts";
import { startHealthServer } from "../../../src/runtime/health-server.ts";
import type { HealthCheck } from "../../../src/runtime/health-server.ts";
import { FakeClock } from "./fake-clock.ts";
import { apiError, scriptedClient } from "./scripted-client.ts";

async function ask(
  path: string,
  ready: Readonly<Record<string, HealthCheck>>,
  method = "GET",
): Promise<{ readonly status: number; readonly text: string }> {
  const registry = new Registry();
  new Counter({ name: "things_total", help: "Things.", registers: [registry] }).inc();
  const server = await startHealthServer({ port: 0, host: "127.0.0.1", registry, alive: {}, ready });
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    return { status: response.status, text: await response.text() };
  } finally {
    await server.close();
  }
}

test("metrics are served as Prometheus reads them", async () => {
  const { status, text } = await ask("/metrics", {});
  assert.equal(status, 200);
  assert.match(text, /^things_total 1$/m);
});

test("it is ready when all checks pass, and says which does not and why", async () => {
  const fine = (): void => {};
  const broken = async (): Promise<void> => {
    throw new Error("no contact");
  };
  assert.deepEqual(await ask("/readyz", { api: fine }), { status: 200, text: "[+]api ok\nok\n" });
  assert.deepEqual(await ask("/readyz?verbose", { api: broken, synced: fine }), {
    status: 503,
    text: "[-]api failed: no contact\n[+]synced ok\nnot ok\n",
  });
  assert.deepEqual(await ask("/healthz", { api: broken }), { status: 200, text: "ok\n" });
});

test("nothing else is served", async () => {
  assert.equal((await ask("/", {})).status, 404);
  assert.equal((await ask("/metrics", {}, "POST")).status, 405);
});

test("a port that is taken is an error", async () => {
  const options = { host: "127.0.0.1", registry: new Registry(), alive: {}, ready: {} };
  const server = await startHealthServer({ port: 0, ...options });
  await assert.rejects(startHealthServer({ port: server.port, ...options }), { code: "EADDRINUSE" });
  await server.close();
});

test("contact with the API server is recent, or asked for; a refusal is contact too, silence is not", async () => {
  const clock = new FakeClock();
  let answer: () => unknown = () => assert.fail("asked though it was just heard of");
  const check = apiContactCheck(
    scriptedClient(() => answer()),
    clock,
  );
  await check();
  await clock.advance(60_000);
  answer = () => ({ gitVersion: "v1" });
  await check();
  answer = () => {
    throw apiError(403);
  };
  await check();
  for (const status of [undefined, 500, 503]) {
    answer = () => {
      throw apiError(status);
    };
    await assert.rejects(async () => check(), { name: "ApiError" });
  }
});
