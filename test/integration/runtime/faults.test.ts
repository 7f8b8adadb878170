import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../../../src/runtime/api-client.ts";
import { collectionPath } from "../../../src/runtime/kube-object.ts";
import { writeStatus } from "../../../src/runtime/status-writer.ts";
import { startFaultProxy } from "../../kube/fault-proxy.ts";
import type { FaultProxy } from "../../kube/fault-proxy.ts";
import { startKube } from "../../kube/start-kube.ts";
import type { Kube } from "../../kube/start-kube.ts";
import { until } from "../../kube/until.ts";
import { clientOf, createWidgetOperator, installWidgets, operatorKubeconfig, widgetPath, WIDGETS } from "./widgets.ts";
import type { Widget } from "./widgets.ts";

/** A watch is taken for half-open after this silence; each test below the next bookmark sees it often. */
const IDLE_MS = 2_000;

let kube: Kube;
let proxy: FaultProxy;
let admin: ApiClient;
let operator: ReturnType<typeof createWidgetOperator>;
let running: Promise<void>;
const stop = new AbortController();
const failOnce = new Set<string>();

before(async () => {
  kube = await startKube();
  await installWidgets(kube);
  proxy = await startFaultProxy(kube);
  admin = clientOf(kube.kubeconfigPath);
  await admin.request({ method: "POST", path: collectionPath(WIDGETS, "default"), body: widget("w", 1) });
  const client = clientOf(await operatorKubeconfig(kube, proxy.url));
  operator = createWidgetOperator({
    client,
    idleMs: IDLE_MS,
    async reconcile(seen) {
      if (failOnce.delete(seen.metadata.name)) throw new Error("unexpected");
      await writeStatus(client, WIDGETS, seen, { value: seen.spec.value });
      return { kind: "settled" };
    },
  });
  running = operator.run(stop.signal);
  await actedOn();
});

after(async () => {
  stop.abort();
  await running;
  proxy.close();
  admin.close();
  await kube.stop();
});

function widget(name: string, value: number): object {
  return {
    apiVersion: "test.pgha.keybuzz.io/v1",
    kind: "Widget",
    metadata: { name, namespace: "default" },
    spec: { value },
  };
}

let value = 1;

/** Changes the widget in Kubernetes and waits until the operator has acted on it. Returns how long that took. */
async function actedOn(withinMs = 15_000): Promise<number> {
  value += 1;
  const started = performance.now();
  await until("the change is written", () =>
    admin.request({ method: "PATCH", path: widgetPath("w"), body: { spec: { value } } }),
  );
  await until(
    "the operator acts on a change",
    async () => ((await admin.request({ method: "GET", path: widgetPath("w") })) as Widget).status?.value === value,
    withinMs,
  );
  return performance.now() - started;
}

/** Requests that the operator made while `work` went on. */
async function requestsDuring(work: () => Promise<unknown>): Promise<number> {
  const before = proxy.requests.length;
  await work();
  return proxy.requests.length - before;
}

test("a change is acted on within a second when nothing is wrong", async () => {
  const took = await actedOn();
  assert.ok(took < 2_000, `${Math.round(took)} ms`);
});

test(
  "an idle operator asks nothing but its watch, over and over when bookmarks are later than its " + "patience",
  async () => {
    const count = await requestsDuring(() => sleep(2 * IDLE_MS));
    assert.ok(count <= 4, `${count} requests`);
  },
);

test("the API server is stopped and started", async () => {
  await kube.stopApiServer();
  const count = await requestsDuring(() => sleep(2_000));
  assert.ok(count > 0 && count < 15, `${count} requests while it was down`);
  await kube.startApiServer();
  await actedOn();
});

test("every connection is reset, again and again", async () => {
  for (let round = 0; round < 3; round += 1) {
    proxy.resetAll();
    await actedOn();
  }
});

test("the API server is frozen: connections stay open and nothing answers", async () => {
  kube.freeze();
  const count = await requestsDuring(() => sleep(2 * IDLE_MS));
  assert.ok(count < 10, `${count} requests while it was frozen`);
  kube.thaw();
  await actedOn();
});

test("a connection is half-open for good: it is given up for a new one", async () => {
  proxy.muteAll();
  await actedOn(IDLE_MS + 10_000);
});

test(
  "history is gone: the watch is answered 410, everything is listed anew, and what was missed is " + "acted on",
  async () => {
    await kube.compact();
    let isOld = true;
    const lists = (): number => proxy.requests.filter(({ url }) => url.includes("limit=")).length;
    const before = lists();
    proxy.fault = ({ url }) => ({
      kind: "pass",
      url: isOld && url.includes("watch=true") ? url.replace(/resourceVersion=\d+/, "resourceVersion=1") : url,
    });
    proxy.resetAll();
    await until("a new list", () => lists() > before);
    isOld = false;
    await actedOn();
    assert.match(await operator.metrics(), /pgha_watch_restarts_total\{resource="widgets",why="gone"\} [1-9]/);
  },
);

for (const { status, headers } of [
  { status: 429, headers: { "retry-after": "2" } },
  { status: 503, headers: { "retry-after": "1" } },
  { status: 500, headers: {} },
  { status: 403, headers: {} },
]) {
  test(`everything is answered ${status} for a while`, async () => {
    proxy.fault = () => ({ kind: "answer", status, headers });
    const before = proxy.requests.length;
    proxy.resetAll();
    // An earlier test may have left a pause of some seconds.
    await until("a request that is refused", () => proxy.requests.length > before);
    const count = await requestsDuring(() => sleep(2_500));
    assert.ok(count < 12, `${count} requests in 2.5 s`);
    proxy.fault = () => ({ kind: "pass" });
    await actedOn();
  });
}

test("the next requests are reset, whatever they are", async () => {
  let left = 3;
  proxy.fault = () => ((left -= 1) >= 0 ? { kind: "reset" } : { kind: "pass" });
  proxy.resetAll();
  await actedOn();
});

test("a listener that throws disturbs nothing", async () => {
  operator.reflector.onChange(() => {
    throw new Error("no");
  });
  await actedOn();
});

test("a reconciler that throws is tried again", async () => {
  failOnce.add("w");
  await actedOn();
  assert.match(await operator.metrics(), /controller_runtime_reconcile_errors_total\{controller="widget"\} [1-9]/);
});

test("an object that is deleted and made again under the same name is another one", async () => {
  await admin.request({ method: "DELETE", path: widgetPath("w") });
  await until("it is gone", () => operator.reflector.store.get("default/w") === undefined);
  await admin.request({ method: "POST", path: collectionPath(WIDGETS, "default"), body: widget("w", 0) });
  await actedOn();
});

test("after all this nothing is left open but the watch and the connection that writes", async () => {
  await until("few connections", () => proxy.openConnections() <= 2);
  // The last change may still be worked on for a moment.
  await until("an idle queue", async () => {
    const state = await operator.metrics();
    return /workqueue_depth\{.*\} 0\n/.test(state) && /controller_runtime_active_workers\{.*\} 0\n/.test(state);
  });
});
