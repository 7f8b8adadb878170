import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startFaultProxy } from "../../kube/fault-proxy.ts";
import type { FaultProxy } from "../../kube/fault-proxy.ts";
import { startKube } from "../../kube/start-kube.ts";
import type { Kube } from "../../kube/start-kube.ts";
import { until } from "../../kube/until.ts";
import { clientOf, installWidgets, operatorKubeconfig, WIDGETS } from "./widgets.ts";
import { collectionPath } from "../../../src/runtime/kube-object.ts";

const REPLICA = fileURLToPath(new URL("replica.ts", import.meta.url));

interface Act {
  readonly who: string;
  readonly at: number;
}

interface Replica {
  readonly name: string;
  readonly process: ChildProcess;
  readonly proxy: FaultProxy;
  readonly words: string[];
}

let kube: Kube;
const acts: Act[] = [];
const replicas: Replica[] = [];

before(async () => {
  kube = await startKube();
  await installWidgets(kube);
  const admin = clientOf(kube.kubeconfigPath);
  await admin.request({
    method: "POST",
    path: collectionPath(WIDGETS, "default"),
    body: { apiVersion: "test.pgha.keybuzz.io/v1", kind: "Widget", metadata: { name: "w" }, spec: { value: 1 } },
  });
  admin.close();
});

after(async () => {
  for (const { process: child, proxy } of replicas) {
    child.kill("SIGKILL");
    proxy.close();
  }
  await kube.stop();
});

/** Starts a replica behind a proxy of its own. */
async function startReplica(name: string): Promise<Replica> {
  const proxy = await startFaultProxy(kube);
  const child = spawn(process.execPath, [REPLICA, await operatorKubeconfig(kube, proxy.url), name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const replica = { name, process: child, proxy, words: [] as string[] };
  createInterface(child.stdout).on("line", (line) => {
    const [word = "", at] = line.split(" ");
    replica.words.push(word);
    if (word === "act") acts.push({ who: name, at: Number(at) });
  });
  replicas.push(replica);
  return replica;
}

/** Who acted, in order of time, each once per spell. */
function spells(): readonly string[] {
  const byTime = acts.toSorted((one, other) => one.at - other.at);
  return byTime.filter(({ who }, index) => byTime[index - 1]?.who !== who).map(({ who }) => who);
}

/** Resolves when the replica has acted so many times from now on. */
async function actsNow({ name }: Replica, times = 10): Promise<void> {
  const count = (): number => acts.filter(({ who }) => who === name).length;
  const before = count();
  await until(`${name} acts`, () => count() >= before + times, 30_000);
}

test("of two replicas one acts", async () => {
  const a = await startReplica("a");
  await actsNow(a);
  await startReplica("b");
  await actsNow(a, 60);
  assert.deepEqual(spells(), ["a"]);
});

test("the one that acts is frozen: the other takes over, and the first does nothing when it goes on", async () => {
  const [a, b] = replicas as [Replica, Replica];
  a.process.kill("SIGSTOP");
  await actsNow(b);
  a.process.kill("SIGCONT");
  await actsNow(b, 60);
  assert.deepEqual(spells(), ["a", "b"]);
});

test("the one that acts is cut off from the API server: it stops before the other starts", async () => {
  const [a, b] = replicas as [Replica, Replica];
  b.proxy.fault = () => ({ kind: "hang" });
  b.proxy.muteAll();
  await actsNow(a);
  b.proxy.fault = () => ({ kind: "pass" });
  await actsNow(a, 60);
  assert.deepEqual(spells(), ["a", "b", "a"]);
});

test("the one that acts is told to stop: it finishes the work in hand, and the other follows at once", async () => {
  const [a, b] = replicas as [Replica, Replica];
  const stopped = performance.now();
  a.process.kill("SIGTERM");
  await actsNow(b, 1);
  assert.ok(performance.now() - stopped < 4_000, "sooner than the lease runs out");
  await until("it has ended", () => a.process.exitCode !== null);
  assert.equal(a.process.exitCode, 0);
  assert.equal(a.words.at(-1), "hand");
  assert.deepEqual(spells(), ["a", "b", "a", "b"]);
});

test("the one that acts is killed: the other takes over when the lease has run out", async () => {
  const b = replicas[1]!;
  const c = await startReplica("c");
  await actsNow(b, 60);
  b.process.kill("SIGKILL");
  await actsNow(c);
  assert.deepEqual(spells(), ["a", "b", "a", "b", "c"]);
});

test(
  "the API server is away for longer than the lease: nobody acts, and then one again, without a " + "restart",
  async () => {
    const c = replicas[2]!;
    await kube.stopApiServer();
    await until("it stops acting", () => process.hrtime.bigint() / 1_000_000n - BigInt(acts.at(-1)?.at ?? 0) > 1_500n);
    await kube.startApiServer();
    await actsNow(c);
    assert.equal(c.process.exitCode, null);
  },
);
