import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { test } from "node:test";
import { dial } from "../../../src/shell/dial.ts";
import type { SshTarget } from "../../../src/shell/ssh-target.ts";

/** Listens with room for one, and never takes it in: what comes later gets no answer, as from a host without power. */
const FULL = `
socket(my $s, 2, 1, 6) or die; bind($s, pack("S n a4 x8", 2, 0, "\\x7f\\0\\0\\1")) or die; listen($s, 0) or die;
$| = 1; my (undef, $port) = unpack("S n", getsockname($s)); print "$port\\n"; sleep 60;
`;

test("a host that answers nothing is given up after four seconds, one that refuses at once", async (context) => {
  const silent = spawn("perl", ["-e", FULL], { stdio: ["ignore", "pipe", "inherit"] });
  const filling: Socket[] = [];
  context.after(() => {
    silent.kill();
    for (const socket of filling) socket.destroy();
  });
  const port = Number(String((await once(silent.stdout, "data"))[0]));
  const to = { address: "127.0.0.1", port, connectTimeoutMs: 10_000 } as SshTarget;
  for (let count = 0; count < 3; count += 1) filling.push(connect(port, "127.0.0.1").on("error", () => {}));
  await once(filling[0]!, "connect");

  const started = performance.now();
  const [error] = (await once(
    dial(to).on("connect", () => assert.fail("it answered")),
    "error",
  ).catch((caught) => [caught])) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ETIMEDOUT");
  const tookMs = performance.now() - started;
  assert.ok(tookMs >= 3_900 && tookMs < 8_000, `${tookMs} ms`);

  const refused = await once(dial({ ...to, port: 1 }), "error").catch((caught: unknown) => [caught]);
  assert.equal((refused[0] as NodeJS.ErrnoException).code, "ECONNREFUSED");
});
