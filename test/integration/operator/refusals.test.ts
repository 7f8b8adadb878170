import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createOperator } from "../../../src/operator/operator.ts";
import { jsonLog } from "../../../src/runtime/log.ts";
import { createRuntimeMetrics } from "../../../src/runtime/metrics.ts";
import type { StoredResource } from "../../../src/state/live-resource.ts";
import { clientOf } from "../../kube/client.ts";
import { startKube } from "../../kube/start-kube.ts";
import type { Kube } from "../../kube/start-kube.ts";
import { kstatusOf } from "../../kube/kstatus.ts";
import { lintStatus } from "../../kube/status-linter.ts";
import type { LintedResource } from "../../kube/status-linter.ts";
import { until } from "../../kube/until.ts";

// None of these resources is ever admitted, so no host is ever dialed.
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDMLIP2+yIKq1usJF0nLUFDiX0G1qq6gsGgzK78gHUQ3";
let kube: Kube;
let namespace: string;
const stop = new AbortController();
let running: Promise<void>;
/** Longer than it takes to see that something is still waited for. */
const PATIENCE_MS = 15_000;
const lines: string[] = [];
const metrics = createRuntimeMetrics({ processMetrics: false });

before(async () => {
  kube = await startKube();
  await kube.kubectl(["apply", "-f", new URL("../../../crds", import.meta.url).pathname]);
  await kube.kubectl(["wait", "--for=condition=Established", "crd", "--all"]);
  running = createOperator({
    client: clientOf(kube.kubeconfigPath),
    metrics,
    log: jsonLog((line) => void lines.push(line), Date.now),
    identity: "test",
    allowHosts: ["10.0.0.0/8"],
    patienceMs: PATIENCE_MS,
  }).run(stop.signal);
});
after(async () => {
  stop.abort();
  await running;
  await kube.stop();
});

async function inNewNamespace(name: string): Promise<void> {
  namespace = name;
  await kube.kubectl(["create", "namespace", name]);
}

const unusableKey = (): object => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "vm-ssh", namespace },
  type: "kubernetes.io/ssh-auth",
  stringData: { "ssh-privatekey": "not a key" },
});
const host = (name: string, address: string): object => ({ name, address, hostKey: KEY });
const ssh = { user: "root", privateKeySecretRef: { name: "vm-ssh" } };
const proxies = (net = "10.0.0"): readonly object[] => [host("proxy-01", `${net}.11`), host("proxy-02", `${net}.12`)];
const members = (net = "10.0.0"): readonly object[] => [
  host("db-1", `${net}.120`),
  host("db-2", `${net}.121`),
  host("db-3", `${net}.122`),
];
const cluster = (name: string, hosts: readonly object[]): object =>
  resource("PostgresHACluster", name, {
    ssh,
    hosts,
    postgresql: { version: 17, dataVolume: { mountPath: "/data" }, clientNetworks: ["10.0.0.0/16"] },
  });
const proxy = (name: string, hosts: readonly object[]): object =>
  resource("HAProxyPool", name, { clusterRef: { name: "pg" }, ssh, hosts });

function resource(kind: string, name: string, spec: object): object {
  return { apiVersion: "pgha.keybuzz.io/v1alpha1", kind, metadata: { name, namespace }, spec };
}

async function apply(...objects: readonly object[]): Promise<void> {
  await kube.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
}

/** The resource once its Ready says so for this reason; its status keeps the rules. */
async function becomes(kind: string, name: string, reason: string): Promise<LintedResource & StoredResource> {
  let last = "";
  const found = await until(`${name} ${reason}`, async () => {
    const read = JSON.parse(await kube.kubectl(["get", kind, name, "-n", namespace, "-o", "json"])) as LintedResource &
      StoredResource;
    const ready = read.status?.conditions?.find(({ type }) => type === "Ready");
    last = JSON.stringify(ready);
    return ready?.reason === reason && read.status?.observedGeneration === read.metadata.generation ? read : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; it is ${last}`);
  });
  assert.deepEqual(lintStatus(found), []);
  return found;
}

test(
  "what the API server's rules cannot see stalls with a message that says where and why, and does " + "not spin",
  async () => {
    await inNewNamespace("invalid");
    const pooler = resource("PgBouncerPool", "pooler", {
      clusterRef: { name: "pg" },
      ssh,
      hosts: proxies(),
      port: 5432,
    });
    await apply(cluster("pg", members()), proxy("proxy", proxies()), pooler);
    const stalled = await becomes("pgbouncerpool", "pooler", "InvalidSpec");
    assert.equal(kstatusOf(stalled), "Failed");
    assert.match(stalled.status?.message ?? "", /PgBouncerPool\/pooler spec\.port: .*5432.*way out/s);
    const before = stalled.metadata.resourceVersion;
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.equal(
      (await becomes("pgbouncerpool", "pooler", "InvalidSpec")).metadata.resourceVersion,
      before,
      "said once",
    );
    const visits = /^controller_runtime_reconcile_total\{controller="pgha-stack",result="error"\} (\d+)$/m.exec(
      await metrics.registry.metrics(),
    )?.[1];
    assert.ok(Number(visits) < 10, `${visits} visits`);
  },
);

test("mended, it goes on at once", async () => {
  await kube.kubectl([
    "patch",
    "pgbouncerpool",
    "pooler",
    "-n",
    namespace,
    "--type=merge",
    "-p",
    '{"spec":{"port":6432}}',
  ]);
  assert.equal(kstatusOf(await becomes("pgbouncerpool", "pooler", "SshKeyMissing")), "InProgress");
});

test("a Secret that comes later wakes who waits for it, and one that is no key says so", async () => {
  await apply(unusableKey());
  for (const [kind, name] of [
    ["postgreshacluster", "pg"],
    ["haproxypool", "proxy"],
    ["pgbouncerpool", "pooler"],
  ] as const) {
    const stalled = await becomes(kind, name, "SshKeyUnusable");
    assert.equal(kstatusOf(stalled), "Failed");
    assert.ok(!JSON.stringify(stalled.status).includes("not a key"), "nothing of a Secret is shown");
  }
});

test("a pool waits for its cluster, which wakes it", async () => {
  await inNewNamespace("references");
  await apply(proxy("proxy", proxies("10.1.0")));
  assert.equal(kstatusOf(await becomes("haproxypool", "proxy", "ClusterNotFound")), "InProgress");
  await apply(cluster("pg", members("10.1.0")));
  await becomes("haproxypool", "proxy", "SshKeyMissing");
});

test(
  "a host belongs to one cluster, whatever its namespace, and hosts outside the operator's networks " + "to none",
  async () => {
    await inNewNamespace("claims");
    await apply(cluster("pg", members()));
    assert.match((await becomes("postgreshacluster", "pg", "HostClaimed")).status?.message ?? "", /invalid\/pg/);
    await apply(cluster("outside", members("192.168.0")));
    assert.match(
      (await becomes("postgreshacluster", "outside", "HostNotAllowed")).status?.message ?? "",
      /192\.168\.0\.120/,
    );
  },
);

test("refusals are events, once each", async () => {
  const notes = await until("events are there", async () => {
    const { items } = JSON.parse(await kube.kubectl(["get", "events.events.k8s.io", "-n", "claims", "-o", "json"])) as {
      readonly items: readonly { readonly reason: string; readonly type: string; readonly action: string }[];
    };
    return items.length >= 2 ? items : undefined;
  });
  assert.deepEqual(notes.map(({ reason, type, action }) => `${type} ${action} ${reason}`).toSorted(), [
    "Warning Refuse HostClaimed",
    "Warning Refuse HostNotAllowed",
  ]);
});

test("refusals are lines of the operator's log, once each, with what they are about", () => {
  const told = lines.map((line) => JSON.parse(line) as Record<string, string>).filter((line) => "kind" in line);
  const claims = told.filter((line) => line["namespace"] === "claims");
  assert.deepEqual(
    claims.map(({ level, kind, name, host, reason, action }) => [level, kind, name, host, reason, action]),
    [
      ["warn", "PostgresHACluster", "pg", "db-1", "HostClaimed", "Refuse"],
      ["warn", "PostgresHACluster", "outside", "db-1", "HostNotAllowed", "Refuse"],
    ],
  );
  const pooler = told.filter((line) => line["namespace"] === "invalid" && line["name"] === "pooler");
  assert.deepEqual(
    pooler.map(({ reason, message = "" }) => `${reason}${message.startsWith("over: ") ? " over" : ""}`),
    ["InvalidSpec", "SshKeyMissing", "InvalidSpec over", "SshKeyUnusable", "SshKeyMissing over"],
  );
  assert.ok(!lines.some((line) => line.includes("not a key")), "nothing of a Secret is shown");
});

test("an annotation that nothing comes of is said on each kind, with what was meant, until it is mended", async () => {
  const specValid = async (kind: string, name: string, wanted: string): Promise<string> =>
    until(`SpecValid of ${name} says ${wanted}`, async () => {
      const read = JSON.parse(await kube.kubectl(["get", kind, name, "-n", "invalid", "-o", "json"])) as StoredResource;
      const found = read.status?.conditions?.find(({ type }) => type === "SpecValid");
      return found?.reason === wanted ? `${found.status} ${found.message}` : undefined;
    });
  const annotate = (kind: string, name: string, words: string): Promise<string> =>
    kube.kubectl(["annotate", "--overwrite", kind, name, "-n", "invalid", words]);
  for (const [kind, name, words, said] of [
    ["postgreshacluster", "pg", "pgha.keybuzz.io/paused=yes", /paused is "yes", .*did you mean "true"\?/],
    ["haproxypool", "proxy", "pgha.keybuzz.io/pausd=true", /pausd is no annotation.*did you mean .*\/paused\?/],
    ["pgbouncerpool", "pooler", "pgha.keybuzz.io/reconcile-at=now", /reconcile-at is "now", which is no time/],
  ] as const) {
    await annotate(kind, name, words);
    assert.match(await specValid(kind, name, "AnnotationIgnored"), new RegExp(`^True .*${said.source}`));
    const notes = await until("an event is there", async () => {
      const { items } = JSON.parse(
        await kube.kubectl(["get", "events.events.k8s.io", "-n", "invalid", "-o", "json"]),
      ) as { readonly items: readonly { readonly reason: string; readonly note: string }[] };
      return items.find(({ reason, note }) => reason === "AnnotationIgnored" && said.test(note))?.note;
    });
    assert.match(notes, said);
    await annotate(kind, name, words.replace(/=.*/, "-"));
    assert.equal(await specValid(kind, name, "Valid"), "True ");
  }
});

test(
  "what somebody has to make is waited for, then it is said to be stuck, and it goes on once it " + "is there",
  async () => {
    await inNewNamespace("patience");
    await apply(cluster("pg", members("10.2.0")), proxy("proxy", proxies("10.2.0")));
    const elsewhere = { clusterRef: { name: "nowhere" }, ssh, hosts: proxies("10.3.0") };
    await apply(resource("HAProxyPool", "lost", elsewhere));
    const waiting = await becomes("postgreshacluster", "pg", "SshKeyMissing");
    assert.equal(kstatusOf(waiting), "InProgress");
    assert.equal(waiting.status?.waiting?.for, "the Secret vm-ssh");
    for (const [kind, name, reason] of [
      ["postgreshacluster", "pg", "SshKeyMissing"],
      ["haproxypool", "proxy", "SshKeyMissing"],
      ["haproxypool", "lost", "ClusterNotFound"],
    ] as const) {
      const stuck = await until(
        `${name} is stuck`,
        async () => {
          const found = await becomes(kind, name, reason);
          return kstatusOf(found) === "Failed" ? found : undefined;
        },
        PATIENCE_MS + 30_000,
      );
      const stalled = stuck.status?.conditions?.find(({ type }) => type === "Stalled");
      assert.equal(stalled?.reason, reason);
      assert.match(stalled?.message ?? "", /waiting for it.*waited 15 s in vain/);
      assert.equal(stuck.status?.phase, "Blocked");
    }
    await apply(unusableKey());
    await becomes("postgreshacluster", "pg", "SshKeyUnusable");
  },
);

test("deletion of what was never admitted is not held up, and its series vanish", async () => {
  assert.match(
    await metrics.registry.metrics(),
    /pgha_resource_condition\{kind="PostgresHACluster",namespace="claims",name="outside",type="Ready",status="False"\} 1/,
  );
  await kube.kubectl(["delete", "pgha", "--all", "-n", "claims", "--timeout=20s"]);
  await until("the series are gone", async () => !(await metrics.registry.metrics()).includes('namespace="claims"'));
});
