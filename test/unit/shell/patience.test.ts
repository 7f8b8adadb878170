import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { test } from "node:test";
import { patience } from "../../../src/shell/patience.ts";
import { until } from "../../kube/until.ts";

/** As a process that gets no processor. */
function standStill(milliseconds: number): void {
  const began = performance.now();
  while (performance.now() - began < milliseconds);
}

test("who says nothing is given up after the time that was said", async () => {
  const began = performance.now();
  let gaveUpAfter = 0;
  patience(200, () => (gaveUpAfter = performance.now() - began));
  await until("it gave up", async () => gaveUpAfter > 0, 5_000, 5);
  assert.ok(gaveUpAfter >= 195, `after ${gaveUpAfter} ms`);
});

test("an answer that came while this process stood still is heard before anybody is given up", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const there = once(server, "connection");
  const here = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [socket] = (await there) as [Socket];
  try {
    let gaveUp = false;
    const heard = once(socket, "data");
    const callOff = patience(200, () => (gaveUp = true));
    await new Promise<void>((resolve) => here.write("here I am", () => resolve()));
    standStill(500);
    await heard;
    callOff();
    assert.equal(gaveUp, false);
  } finally {
    here.destroy();
    socket.destroy();
    server.close();
  }
});
