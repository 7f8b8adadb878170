import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createOperator } from "../../../src/operator/operator.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { createRuntimeMetrics } from "../../../src/runtime/metrics.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { clientOf } from "../../kube/client.ts";
import { startKube } from "../../kube/start-kube.ts";
import type { Kube } from "../../kube/start-kube.ts";
import { lintStatus } from "../../kube/status-linter.ts";
import type { LintedResource } from "../../kube/status-linter.ts";
import { until } from "../../kube/until.ts";
import { generateKeyPair } from "../../ssh-server/keys.ts";
import { startSshServer } from "../../ssh-server/ssh-server.ts";
import type { SshServer } from "../../ssh-server/ssh-server.ts";

// Three hosts that log in whoever comes and cannot be looked at: that is seen, and tells a look from none.
const namespace = "invalid";
const login = generateKeyPair();
const hostKey = generateKeyPair();
let kube: Kube;
let hosts: readonly SshServer[];
let operator: ReturnType<typeof start>;

function start() {
  const stop = new AbortController();
  const metrics = createRuntimeMetrics({ processMetrics: false });
  const running = createOperator({
    client: clientOf(kube.kubeconfigPath),
    metrics,
    log: silentLog,
    identity: "test",
    pollMs: 1_000,
  }).run(stop.signal);
  return {
    metrics: () => metrics.registry.metrics(),
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

const ADDRESSES = ["127.91.0.1", "127.91.0.2", "127.91.0.3"];

before(async () => {
  kube = await startKube();
  const onExec = () => Promise.resolve({ code: 9, stderr: "no look today" });
  const serve = (address: string, port: number): Promise<SshServer> =>
    startSshServer({
      authorizedKey: login.publicKey,
      hostKeys: [hostKey.privateKey],
      onExec,
      listen: { address, port },
    });
  const first = await serve("127.91.0.1", 0);
  hosts = [first, ...(await Promise.all(ADDRESSES.slice(1).map((address) => serve(address, first.port))))];
  await kube.kubectl(["apply", "-f", new URL("../../../crds", import.meta.url).pathname]);
  await kube.kubectl(["wait", "--for=condition=Established", "crd", "--all"]);
  await kube.kubectl(["create", "namespace", namespace]);
  operator = start();
});
after(async () => {
  await operator.stop();
  await Promise.all(hosts.map((host) => host.close()));
  await kube.stop();
});

const cluster = () => ({
  apiVersion: "pgha.keybuzz.io/v1alpha1",
  kind: "PostgresHACluster",
  metadata: { name: "main", namespace },
  spec: {
    ssh: { user: "root", port: hosts[0]?.port, privateKeySecretRef: { name: "key" } },
    hosts: ADDRESSES.map((address, index) => ({ name: `db-${index + 1}`, address, hostKey: hostKey.publicKey })),
    postgresql: { version: 17, dataVolume: { mountPath: "/data" }, clientNetworks: ["10.0.0.0/16"] },
    patroni: { dcs: { raft: { pysyncobj: "distribution" } } },
  },
});
const key = () => ({
  apiVersion: "v1",
  kind: "Secret",
  type: "kubernetes.io/ssh-auth",
  metadata: { name: "key", namespace },
  data: { "ssh-privatekey": Buffer.from(login.privateKey).toString("base64") },
});

async function apply(...objects: readonly object[]): Promise<void> {
  for (const object of objects) await kube.kubectl(["apply", "-f", "-"], JSON.stringify(object));
}

async function edit(spec: object): Promise<void> {
  await kube.kubectl(["patch", "pghac", "main", "-n", namespace, "--type=merge", "-p", JSON.stringify({ spec })]);
}

async function read(): Promise<StoredResource> {
  return JSON.parse(await kube.kubectl(["get", "pghac", "main", "-n", namespace, "-o", "json"])) as StoredResource;
}

function condition({ status }: StoredResource, type: string): string {
  const found = status?.conditions?.find((candidate) => candidate.type === type);
  return `${found?.status ?? "none"} ${found?.reason ?? ""}`;
}

async function untilCondition(type: string, wanted: string): Promise<StoredResource> {
  return until(
    `${type} is ${wanted}`,
    async () => {
      const found = await read();
      return condition(found, type) === wanted ? found : undefined;
    },
    30_000,
  );
}

/** How often hosts were looked at. */
const looks = (): number => hosts.reduce((sum, host) => sum + host.counters.execs, 0);

async function seen(): Promise<readonly string[]> {
  return (await operator.metrics()).split("\n").filter((line) => line.startsWith("pgha_host_reachable{"));
}

test("hosts of a valid cluster are looked at", async () => {
  await apply(key(), cluster());
  await untilCondition("HostsReachable", "False LookFailed");
  assert.equal((await seen()).length, 3);
});

test(
  "an owner that is no role leaves nobody blind: hosts are looked at as before, and what is wrong " + "is said",
  async () => {
    await edit({ databases: [{ name: "app", owner: "nobody" }] });
    const found = await untilCondition("SpecValid", "False InvalidSpec");
    assert.deepEqual(
      ["Ready", "Stalled", "HostsReachable", "DriftDetected"].map((type) => condition(found, type)),
      ["False InvalidSpec", "True InvalidSpec", "False LookFailed", "Unknown InvalidSpec"],
    );
    assert.equal(found.status?.observedGeneration, found.metadata.generation);
    assert.deepEqual(lintStatus(found as unknown as LintedResource), []);
    const before = looks();
    await until("hosts are looked at once more", () => Promise.resolve(looks() > before + 3), 30_000);
    assert.equal((await seen()).length, 3);
  },
);

test("so it is whatever is wrong with the spec, and nothing of what is seen is lost in between", async () => {
  const spec = cluster().spec;
  const valid = { databases: [], hosts: spec.hosts, roles: [], postgresql: { parameters: null, additionalHba: null } };
  for (const [what, wrong] of [
    ["a value that PostgreSQL does not take", { postgresql: { parameters: { work_mem: "banana" } } }],
    ["a setting that PostgreSQL has not", { postgresql: { parameters: { work_memory: "64MB" } } }],
    ["a network that is none", { postgresql: { clientNetworks: ["10.0.0.0/33"] } }],
    ["an extension's owner that is no role", { databases: [{ name: "app", owner: "nobody", extensions: ["vector"] }] }],
    ["nobody who may lead", { hosts: spec.hosts.map((host) => ({ ...host, failoverPriority: 0 })) }],
    ["two hosts at one address", { hosts: spec.hosts.map((host) => ({ ...host, address: ADDRESSES[0] })) }],
  ] as const) {
    await edit({ ...valid, postgresql: { ...valid.postgresql, clientNetworks: ["10.0.0.0/16"] } });
    await untilCondition("SpecValid", "True Valid");
    // The API server may know this rule itself by now.
    const isRefused = await edit(wrong).then(
      () => false,
      () => true,
    );
    if (isRefused) continue;
    const found = await untilCondition("SpecValid", "False InvalidSpec");
    assert.equal(condition(found, "HostsReachable"), "False LookFailed", what);
    assert.deepEqual(lintStatus(found as unknown as LintedResource), [], what);
    const before = looks();
    await until(`hosts are looked at with ${what}`, () => Promise.resolve(looks() > before + 3), 30_000);
    assert.equal((await seen()).length, 3, what);
    console.log(`looked at with ${what}`);
  }
  await edit({ ...valid, postgresql: { ...valid.postgresql, clientNetworks: ["10.0.0.0/16"] } });
  await untilCondition("SpecValid", "True Valid");
  await edit({ databases: [{ name: "app", owner: "nobody" }] });
  await untilCondition("SpecValid", "False InvalidSpec");
});

test("so it is after a restart of the operator, by the spec that was valid", async () => {
  await operator.stop();
  const more = [4, 5].map((number) => ({
    name: `db-${number}`,
    address: `127.91.0.${number}`,
    hostKey: hostKey.publicKey,
  }));
  await edit({ hosts: [...cluster().spec.hosts, ...more] });
  operator = start();
  await until("three hosts are seen, not five", async () => (await seen()).length === 3, 30_000);
  const { databases } = JSON.parse((await read()).status?.acceptedSpec ?? "{}") as { readonly databases?: unknown };
  assert.deepEqual(databases, []);
});

test("a Secret that is gone leaves no healthy past: after some polls nothing that was seen is told", async () => {
  await kube.kubectl(["delete", "secret", "key", "-n", namespace]);
  const found = await untilCondition("HostsReachable", "Unknown NotLooked");
  await until("nothing is said of hosts", async () => (await seen()).length === 0, 30_000);
  const gone = await until(
    "the status says so",
    async () => {
      const { status } = await read();
      return status?.hosts?.every(({ state }) => state === "NotLooked") === true ? status : undefined;
    },
    30_000,
  );
  assert.deepEqual([gone.leader, gone.readyMembers, gone.members], [undefined, undefined, undefined]);
  assert.deepEqual(lintStatus(found as unknown as LintedResource), []);
});

test("once it is mended, the status is about the new spec alone", async () => {
  await apply(key());
  await edit({ hosts: cluster().spec.hosts, databases: [] });
  const found = await untilCondition("SpecValid", "True Valid");
  assert.equal(found.status?.acceptedSpec, undefined);
  assert.equal(condition(found, "HostsReachable"), "False LookFailed");
});
