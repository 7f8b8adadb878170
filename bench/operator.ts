// What an idle operator costs: CPU, memory and traffic with many healthy stacks, and how late its looks are.
// node bench/operator.ts [CLUSTERS] [SECONDS]: 50 by default, and 1000 stand for the largest site.
// It sets one stack up on lab hosts, records what they answer, and simulates all stacks from that on loopback.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { KubeSecret } from "../src/state/kube-secrets.ts";
import type { StoredResource } from "../src/state/live-resource.ts";
import { imageStart } from "../test/integration/manifests/dockerfile.ts";
import { startOperatorProcess } from "../test/kube/operator-process.ts";
import { startKube } from "../test/kube/start-kube.ts";
import { until } from "../test/kube/until.ts";
import { asList } from "../test/journeys-kube/lab-manifest.ts";
import { startStage } from "../test/journeys-kube/stage.ts";
import { generateKeyPair } from "../test/ssh-server/keys.ts";
import { atOtherAddresses } from "./operator/other-addresses.ts";
import { costOf, nameOf } from "./operator/process-cost.ts";
import { spreadOf } from "./statistics.ts";
import { record } from "./operator/recording.ts";
import type { Recording } from "./operator/recording.ts";
import { simulateHosts } from "./operator/simulated-hosts.ts";

const [clusters = 50, seconds = 90] = process.argv
  .slice(2)
  .map(Number)
  .filter((number) => !Number.isNaN(number));
const POLL_SECONDS = 30;
const WARM_UP_POLLS = 4;
const SSH_PORT = 2222;
/** Stacks that are made in one request of kubectl. */
const AT_ONCE = 25;
/** Where the time goes, from the operator's own metrics. */
const COUNTED = {
  "user CPU s": "process_cpu_user_seconds_total",
  "system s": "process_cpu_system_seconds_total",
  "GC s": "nodejs_gc_duration_seconds_sum",
  requests: "rest_client_requests_total",
};
const LOG = join(tmpdir(), "pgha-bench-operator.log");
/** BENCH_BUNDLE: another one, to compare with. */
const BUNDLE = process.env["BENCH_BUNDLE"] ?? fileURLToPath(new URL("../dist/pgha.mjs", import.meta.url));

/** A recording to use instead of a lab, or to keep for the next time. It holds passwords of a lab. */
const recordingFile = process.env["PGHA_BENCH_RECORDING"];
if (recordingFile !== undefined && existsSync(recordingFile)) {
  await simulate(JSON.parse(readFileSync(recordingFile, "utf8")) as Recording);
} else {
  const recording = await recordOnLab();
  if (recordingFile !== undefined) writeFileSync(recordingFile, JSON.stringify(recording), { mode: 0o600 });
  await simulate(recording);
}

async function recordOnLab(): Promise<Recording> {
  const stage = await startStage();
  try {
    await stage.startOperator().url();
    await stage.apply({ namespace: "bench" });
    await stage.untilReady("bench", 900_000);
    const items = async <T>(kinds: string): Promise<readonly T[]> =>
      (
        JSON.parse(await stage.kube.kubectl(["get", kinds, "-n", "bench", "-o", "json"])) as {
          readonly items: readonly T[];
        }
      ).items;
    return await record(
      await items<StoredResource>("postgreshaclusters,haproxypools,pgbouncerpools"),
      await items<KubeSecret>("secrets"),
    );
  } finally {
    await stage.end();
  }
}

/** All of 127.0.0.0/8 is this machine, so each simulated host has an address of its own. */
async function simulate(recording: Recording): Promise<void> {
  const login = generateKeyPair();
  const stacks = await Promise.all(
    Array.from({ length: clusters }, (_, index) =>
      atOtherAddresses(recording, `c${index}`, (address) => `${networkOf(index)}.${address.split(".")[3] ?? "0"}`),
    ),
  );
  const hosts = await simulateHosts(stacks, SSH_PORT, login.publicKey);
  const kube = await startKube();
  await kube.kubectl(["apply", "-f", fileURLToPath(new URL("../crds", import.meta.url))]);
  await kube.kubectl(["wait", "--for=condition=Established", "crd", "--all"]);
  const objects = stacks.map((stack) => [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: stack.resources[0]?.metadata.namespace } },
    ...stack.secrets.map((secret) => withKey(secret, login.privateKey)),
    ...stack.resources.map((resource) => onSimulatedHosts(resource, hosts.hostKey)),
  ]);
  for (let first = 0; first < objects.length; first += AT_ONCE)
    await kube.kubectl(["create", "-f", "-"], asList(objects.slice(first, first + AT_ONCE).flat()));
  const artifact = process.env["PGHA_PYSYNCOBJ_FILE"];
  rmSync(LOG, { force: true });
  const operator = startOperatorProcess(
    [
      "--kubeconfig",
      kube.kubeconfigPath,
      "--poll",
      String(POLL_SECONDS),
      "--lease-namespace",
      "default",
      ...(artifact === undefined ? [] : ["--pysyncobj-file", artifact]),
    ],
    {
      logFile: LOG,
      ...(await asTheImageStarts()),
      ...(existsSync(BUNDLE) ? { main: BUNDLE } : {}),
    },
  );
  const url = await operator.url();
  const total = clusters * 3;
  await until(
    "all are Ready",
    async () => ready(await (await fetch(`${url}/metrics`)).text()) === total,
    300_000 + clusters * 1_500,
    // What it has to tell of a thousand stacks takes it a while: who asked every second would measure that.
    1_000 + clusters * 10,
  ).catch((error: unknown) => {
    throw new Error(`a recording of other questions? The operator's last words: ${lastWords()}`, { cause: error });
  });
  // An idle operator has been one for a while: in its first polls it compiles what it runs, and that is half as much.
  await sleep(WARM_UP_POLLS * POLL_SECONDS * 1000);
  // Every address is bound and every connection made by now; what simulates them is told apart from what is measured.
  const besides = { "simulated hosts": process.pid, ...Object.fromEntries(kube.pids.map((pid) => [nameOf(pid), pid])) };
  const measure = async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    return {
      ...costOf(operator.process.pid ?? 0),
      besides: Object.fromEntries(Object.entries(besides).map(([name, pid]) => [name, costOf(pid)])),
      looks: hosts.looks(),
      visits: sumOf(metrics, "controller_runtime_reconcile_total"),
      at: performance.now(),
      metrics,
    };
  };
  hosts.takeIntervals();
  const before = await measure();
  await sleep(seconds * 1000);
  const after = await measure();
  const lateness = hosts.takeIntervals().map((interval) => interval - POLL_SECONDS);
  const cpuMs = after.cpuMs - before.cpuMs;
  const elapsedMs = after.at - before.at;
  const perStack = cpuMs / (after.visits - before.visits);
  console.log(
    `${clusters} clusters with ${clusters * 2} pools on ${hosts.connections()} connections, poll ` +
      `${POLL_SECONDS} s, ${Math.round(elapsedMs / 1000)} s`,
  );
  const limits = clusters <= 50 ? { cpu: 0.043, rssMB: 195, lateSeconds: 2 } : { cpu: 1, rssMB: 1500, lateSeconds: 5 };
  console.log(`  CPU        ${((cpuMs / elapsedMs) * 100).toFixed(2)} % of a core (at most ${limits.cpu * 100})`);
  console.log(`  memory     ${after.rssMB.toFixed(0)} MB RSS (at most ${limits.rssMB})`);
  const heap = ["nodejs_heap_size_used_bytes", "nodejs_heap_size_total_bytes", "nodejs_external_memory_bytes"].map(
    (name) =>
      `${name.split("_").slice(1, -1).join(" ")} ` +
      `${Math.round(Number(new RegExp(`^${name} (\\S+)$`, "m").exec(after.metrics)?.[1]) / 1_048_576)} MiB`,
  );
  console.log(`             ${heap.join(", ")}`);
  console.log(
    `  a no-op look at a whole stack  ${perStack.toFixed(1)} ms CPU (at most 30); ` +
      `${after.visits - before.visits} visits, ${after.looks - before.looks} looks at a host`,
  );
  const late = spreadOf(lateness);
  console.log(
    `  looks      ${late.median.toFixed(2)} s later than a poll by the median, ${late.maximum.toFixed(2)} s ` +
      `at most (at most ${limits.lateSeconds})`,
  );
  for (const [what, name] of Object.entries(COUNTED))
    console.log(`  ${what.padEnd(10)} ${(sumOf(after.metrics, name) - sumOf(before.metrics, name)).toFixed(1)}`);
  for (const [name, { cpuMs: used, rssMB }] of Object.entries(after.besides)) {
    const percent = ((used - (before.besides[name]?.cpuMs ?? 0)) / elapsedMs) * 100;
    console.log(`  beside it  ${name}: ${percent.toFixed(1)} % of a core, ${rssMB.toFixed(0)} MB`);
  }
  await operator.stop();
  await kube.stop();
  // Simulated hosts would keep the process.
  const isWithin =
    perStack <= 30 &&
    after.rssMB <= limits.rssMB &&
    cpuMs / elapsedMs <= limits.cpu &&
    late.maximum <= limits.lateSeconds;
  process.exit(isWithin ? 0 : 1);
}

/** What bears on memory, as the image sets it; PGHA_BENCH_NODE_FLAGS adds flags of Node, the last one counts. */
async function asTheImageStarts(): Promise<{
  readonly nodeFlags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}> {
  const { entrypoint, environment } = await imageStart();
  const added = (process.env["PGHA_BENCH_NODE_FLAGS"] ?? "").split(" ");
  return {
    nodeFlags: [...entrypoint, ...added].filter((word) => word.startsWith("-")).map(withOldSpace),
    environment: Object.fromEntries(
      Object.entries(environment)
        .filter(([name]) => name === "NODE_OPTIONS" || name.startsWith("MALLOC_"))
        .map(([name, value]) => [name, withOldSpace(value)]),
    ),
  };
}

/** The image's old space is for fifty stacks. For some hundreds it says to set a larger one, as is done here. */
function withOldSpace(flags: string): string {
  const larger = Math.round(clusters * 1.25);
  return flags.replace(
    /(--max-old-space-size=)(\d+)/,
    (_, option: string, image: string) => `${option}${Math.max(Number(image), larger)}`,
  );
}

/** The last warning that was written. */
function lastWords(): string {
  const lines = readFileSync(LOG, "utf8").split("\n");
  return lines.findLast((line) => line.includes('"level":"warn"')) ?? "none";
}

function ready(metrics: string): number {
  return [...metrics.matchAll(/^pgha_resource_condition\{[^}]*type="Ready",status="True"[^}]*\} 1$/gm)].length;
}

/** A network of 127.0.0.0/8 for each stack. */
function networkOf(stack: number): string {
  return `127.${90 + Math.floor(stack / 250)}.${stack % 250}`;
}

/** A counter, all its labels together. */
function sumOf(metrics: string, name: string): number {
  return [...metrics.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

function withKey(secret: KubeSecret, privateKey: string): KubeSecret {
  return secret.type === "kubernetes.io/ssh-auth"
    ? { ...secret, data: { "ssh-privatekey": Buffer.from(privateKey).toString("base64") } }
    : secret;
}

function onSimulatedHosts({ status: _, ...resource }: StoredResource, hostKey: string): StoredResource {
  const spec = resource.spec as { readonly ssh: object; readonly hosts: readonly object[] };
  return {
    ...resource,
    spec: { ...spec, ssh: { ...spec.ssh, port: SSH_PORT }, hosts: spec.hosts.map((host) => ({ ...host, hostKey })) },
  };
}
