import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startKube } from "../../kube/start-kube.ts";
import type { Kube } from "../../kube/start-kube.ts";
import { clearAbandoned } from "../../kube/state-folder.ts";
import { until } from "../../kube/until.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

let kube: Kube;
before(async () => {
  kube = await startKube();
});
after(() => kube.stop());

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
}

test("a service account may do what its role says and nothing else", async () => {
  await kube.kubectl(["create", "serviceaccount", "reader"]);
  await kube.kubectl(["create", "role", "reader", "--verb=list", "--resource=configmaps"]);
  await kube.kubectl(["create", "rolebinding", "reader", "--role=reader", "--serviceaccount=default:reader"]);
  const kubeconfig = await kube.kubeconfigFor("default", "reader");
  await kube.kubectl(["--kubeconfig", kubeconfig, "get", "configmaps"]);
  await assert.rejects(kube.kubectl(["--kubeconfig", kubeconfig, "get", "secrets"]), /forbidden/);
});

test("admission is on: an object without its namespace is refused", async () => {
  await assert.rejects(kube.kubectl(["create", "configmap", "a", "-n", "nowhere"]), /namespaces "nowhere" not found/);
});

test("its files are the owner's alone", () => {
  const folder = dirname(kube.kubeconfigPath);
  assert.equal(statSync(folder).mode & 0o077, 0);
  assert.equal(statSync(kube.kubeconfigPath).mode & 0o077, 0);
});

test("a frozen API server does not answer until it is thawed", async () => {
  kube.freeze();
  try {
    await assert.rejects(kube.kubectl(["get", "namespaces", "--request-timeout=1s"]));
  } finally {
    kube.thaw();
  }
  await kube.kubectl(["get", "namespaces"]);
});

test(
  "what was written is still there after the API server was stopped and started, with the same token and " +
    "certificate",
  async () => {
    await kube.kubectl(["create", "configmap", "kept"]);
    await kube.stopApiServer();
    await assert.rejects(kube.kubectl(["get", "namespaces"]), /refused/);
    await kube.startApiServer();
    assert.match(await kube.kubectl(["get", "configmap", "kept"]), /kept/);
  },
);

test("by hand: up stays until down, and a second up finds the first", async () => {
  const folder = mkdtempSync(join(tmpdir(), "by-hand-"));
  const byHand = (command: string): string =>
    execFileSync(fileURLToPath(new URL("../../kube/kube", import.meta.url)), [command], {
      encoding: "utf8",
      env: { ...process.env, TMPDIR: folder },
    });
  try {
    const printed = byHand("up");
    const kubeconfig = /^export KUBECONFIG=(.+)$/m.exec(printed)?.[1] ?? "";
    assert.ok(kubeconfig.startsWith(folder));
    assert.equal(byHand("up"), printed);
    assert.match(await kube.kubectl(["--kubeconfig", kubeconfig, "get", "namespaces"]), /default/);
  } finally {
    byHand("down");
    removeFolder(folder);
  }
});

test("by hand: what an up that was killed has started is ended by the next one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "by-hand-"));
  const program = fileURLToPath(new URL("../../kube/kube", import.meta.url));
  const environment = { ...process.env, TMPDIR: folder };
  const pidsIn = (): readonly number[] => {
    const file = join(folder, "pgha-kube.by-hand", "pids");
    return existsSync(file)
      ? readFileSync(file, "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map(Number)
      : [];
  };
  try {
    const killed = spawn(program, ["up"], { stdio: "ignore", env: environment });
    const gone = once(killed, "exit");
    const first = await until("it starts something", () => (pidsIn().length > 0 ? pidsIn() : undefined), 20_000);
    killed.kill("SIGKILL");
    await gone;
    assert.ok(first.every(isRunning), "servers kept by hand outlive who started them");
    execFileSync(program, ["up"], { env: environment });
    await until("they end", () => !first.some(isRunning), 5_000);
    assert.equal(pidsIn().filter(isRunning).length, 3);
  } finally {
    execFileSync(program, ["down"], { env: environment });
    removeFolder(folder);
  }
});

test(
  "everything ends with the process that started it, even one that is killed, and the next start clears " + "its files",
  async () => {
    // A temporary folder of its own: servers that other tests start clear the shared one as well.
    const temporary = mkdtempSync(join(tmpdir(), "abandoned-"));
    const program = `import { startKube } from ${JSON.stringify(new URL("../../kube/start-kube.ts", import.meta.url).href)};
    const kube = await startKube();
    console.log(JSON.stringify({ pids: kube.pids, kubeconfigPath: kube.kubeconfigPath }));
    setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TMPDIR: temporary },
    });
    const gone = once(child, "exit");
    const line = await new Promise<string>((resolve) =>
      child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString())),
    );
    const { pids, kubeconfigPath } = JSON.parse(line) as {
      readonly pids: readonly number[];
      readonly kubeconfigPath: string;
    };
    assert.equal(pids.length, 2);
    assert.ok(pids.every(isRunning));
    child.kill("SIGKILL");
    // Its servers can be gone before it is: as long as nobody has asked how it ended, its process id is still taken.
    await gone;
    await until("its servers end", () => !pids.some(isRunning), 5_000);
    assert.ok(existsSync(kubeconfigPath));
    clearAbandoned(temporary);
    assert.deepEqual(readdirSync(temporary), []);
    removeFolder(temporary);
  },
);
