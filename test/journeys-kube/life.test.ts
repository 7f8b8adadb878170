import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../kube/until.ts";
import { asList, baselineManifest, CLUSTER, HAPROXY, labManifest, PGBOUNCER } from "./lab-manifest.ts";
import { startStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { ClosedWindow } from "./windows.ts";

const namespace = "life";
let stage: Stage;
let operatorUrl: string;
before(async () => {
  stage = await startStage();
});
after(async () => stage.end());

async function secret(name: string, key: string): Promise<string> {
  const encoded = await stage.kube.kubectl(["get", "secret", name, "-n", namespace, "-o", `jsonpath={.data.${key}}`]);
  return Buffer.from(encoded, "base64").toString();
}

/** Runs SQL as an application does: with the uri of its Secret, from a proxy host, through the pooler. */
async function query(sql: string): Promise<string> {
  const uri = await secret(`${CLUSTER}-role-n8n`, "uri");
  const { stdout, stderr, exitCode } = await stage.lab.exec(
    "proxy-02",
    `psql -X -A -t -v ON_ERROR_STOP=1 -c ${JSON.stringify(sql)} '${uri}'`,
  );
  assert.equal(exitCode, 0, stderr);
  return stdout.trim();
}

/** Where the Secret of an application's role sends it first. */
async function uriLeadsTo(): Promise<string> {
  return /@([^,/]+)/.exec(await secret(`${CLUSTER}-role-n8n`, "uri"))?.[1] ?? "";
}

/** Where poolers listen, as their resource says. */
async function poolers(): Promise<readonly string[]> {
  const { status } = await stage.read("pgbouncerpool", PGBOUNCER, namespace);
  return (status?.endpoints ?? []).map(({ address, port }) => `${address}:${port}`);
}

async function patchPool(kind: string, name: string, patch: object): Promise<void> {
  await stage.kube.kubectl(["patch", kind, name, "-n", namespace, "--type=merge", "-p", JSON.stringify(patch)]);
}

async function patchCluster(patch: object): Promise<void> {
  await patchPool("pghac", CLUSTER, patch);
}

test("what kubectl apply asks for becomes Ready, and an application writes through the pooler", async () => {
  operatorUrl = await stage.startOperator("--allow-hosts", "10.77.0.0/16").url();
  await stage.kube.kubectl(["create", "namespace", namespace]);
  await stage.kube.kubectl(["apply", "-f", "-"], asList(labManifest(stage.lab, { namespace }).slice(0, 2)));
  await until(
    "the cluster, whose pools nobody knows yet, has its Secrets",
    async () => (await uriLeadsTo()) === `${stage.lab.host("db-master-01").address}:5432`,
    60_000,
  );
  await stage.apply({ namespace });
  await stage.untilReady(namespace, 900_000);
  const leadsTo = await uriLeadsTo();
  assert.ok(
    (await poolers()).includes(leadsTo),
    `the uri leads to ${leadsTo}, and poolers are at ${(await poolers()).join(" ")}`,
  );
  assert.match(leadsTo, /:6432$/);
  assert.equal(
    await query("create table if not exists t (x int); insert into t values (1); select pg_is_in_recovery()"),
    "CREATE TABLE\nINSERT 0 1\nf",
  );
  const { status } = await stage.read("pghac", CLUSTER, namespace);
  assert.equal(status?.readyMembers, "3/3");
  assert.match(status?.systemId ?? "", /^\d+$/);
  assert.equal(status?.bootstrapIntent?.outcome, "succeeded");
});

test("an edit is on the hosts within two seconds, and Ready says honestly when it is in force", async () => {
  const started = performance.now();
  const found = stage.lab.exec(
    "db-slave-01",
    `for i in $(seq 300); do grep -q 10.99.0.0/16 /etc/patroni/config.yml && exit 0; sleep 0.05; done; exit 1`,
  );
  await patchCluster({
    spec: { postgresql: { clientNetworks: ["10.77.0.0/16", "10.99.0.0/16"], parameters: { work_mem: "5MB" } } },
  });
  assert.equal((await found).exitCode, 0);
  console.log(`from kubectl patch to a changed file: ${Math.round(performance.now() - started)} ms`);
  await until(
    "the edit is in force",
    async () => {
      const { metadata, status } = await stage.read("pghac", CLUSTER, namespace);
      return (
        metadata.generation === status?.observedGeneration &&
        status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True")
      );
    },
    120_000,
  );
  assert.equal(await query("show work_mem"), "5MB");
  const states = stage.seen.filter(
    ({ kind, metadata, status }) =>
      kind === "PostgresHACluster" && metadata.generation === 2 && status?.observedGeneration === 2,
  );
  assert.ok(
    states.some(({ status }) => status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "False")),
    "it was not Ready in between",
  );
});

test("a setting that takes a restart is never Ready before it is in force, also not for kubectl wait", async () => {
  const patched = async (value: number | null): Promise<number> => {
    await patchCluster({ spec: { postgresql: { parameters: { max_connections: value } } } });
    return (await stage.read("pghac", CLUSTER, namespace)).metadata.generation ?? 0;
  };
  const generation = await patched(300);
  const wait = ["wait", "--for=condition=Ready", `pghac/${CLUSTER}`, "-n", namespace, "--timeout=20s"];
  await assert.rejects(stage.kube.kubectl(wait), /timed out/);
  const states = () =>
    stage.seen.filter(({ kind, status }) => kind === "PostgresHACluster" && status?.observedGeneration === generation);
  await until("it is pending", async () =>
    states().some(({ status }) =>
      status?.conditions?.some(({ type, status: is }) => type === "PendingRestart" && is === "True"),
    ),
  );
  assert.ok(
    !states().some(({ status }) =>
      status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
    ),
    "no status of this generation says Ready",
  );
  const asks = `pgha.keybuzz.io/restart-at=pending-${Math.floor(Date.now() / 1000)}`;
  await stage.kube.kubectl(["annotate", "--overwrite", "pghac", CLUSTER, "-n", namespace, asks]);
  await stage.untilReady(namespace, 120_000);
  assert.equal(await query("show max_connections"), "300");
  const { status } = await stage.read("pghac", CLUSTER, namespace);
  assert.deepEqual([status?.operation, status?.restartedAt], [undefined, asks.split("=")[1]]);

  const window = new ClosedWindow(stage, namespace);
  await patchCluster({ spec: { disruption: "Allow", maintenance: window.maintenance } });
  await patched(200);
  await window.holds("pghac", CLUSTER);
  assert.equal(await query("show max_connections"), "300");
  await window.overridden(async () => stage.untilReady(namespace, 120_000));
  assert.equal(await query("show max_connections"), "200");
  await window.newerPackages();
  await patchCluster({ spec: { maintenance: null } });
});

test("another member leads once an annotation asks for it, and does not again after that", async () => {
  const leader = async () => (await stage.read("pghac", CLUSTER, namespace)).status?.leader;
  const before = await leader();
  const asks = `pgha.keybuzz.io/switchover-to=any@${Math.floor(Date.now() / 1000)}`;
  await stage.kube.kubectl(["annotate", "--overwrite", "pghac", CLUSTER, "-n", namespace, asks]);
  await until("another leads", async () => (await leader()) !== before, 60_000);
  await stage.untilReady(namespace, 120_000);
  const { status } = await stage.read("pghac", CLUSTER, namespace);
  assert.deepEqual([status?.switchover, status?.switchedTo], [undefined, asks.split("=")[1]]);
  assert.equal(await query("select pg_is_in_recovery()"), "f");
});

test(
  "when the first host of a pool becomes another one, applications are sent there within seconds, with " +
    "the password they had",
  async () => {
    const [before, password] = [await uriLeadsTo(), await secret(`${CLUSTER}-role-n8n`, "password")];
    const { spec } = (await stage.read("pgbouncerpool", PGBOUNCER, namespace)) as unknown as {
      readonly spec: { readonly hosts: readonly { readonly address: string }[] };
    };
    const hosts = spec.hosts.toReversed();
    const started = performance.now();
    await patchPool("pgbouncerpool", PGBOUNCER, { spec: { hosts } });
    await until(
      "the uri leads to the other pooler",
      async () => (await uriLeadsTo()) === `${hosts[0]?.address}:6432`,
      10_000,
    );
    console.log(`from kubectl patch to a renewed Secret: ${Math.round(performance.now() - started)} ms`);
    assert.notEqual(await uriLeadsTo(), before);
    assert.equal(await secret(`${CLUSTER}-role-n8n`, "password"), password);
    await stage.untilReady(namespace);
    assert.equal(await query("select pg_is_in_recovery()"), "f");
  },
);

test("what somebody changes on a host is put back, and called drift", async () => {
  const { stdout: before } = await stage.lab.exec("proxy-01", "sha256sum </etc/pgha/haproxy/haproxy.cfg");
  await stage.lab.exec("proxy-01", "echo '# by hand' >>/etc/pgha/haproxy/haproxy.cfg");
  await until(
    "it is put back",
    async () => (await stage.lab.exec("proxy-01", "sha256sum </etc/pgha/haproxy/haproxy.cfg")).stdout === before,
    60_000,
  );
  await stage.untilReady(namespace);
  assert.ok(
    stage.seen.some(
      ({ kind, status }) =>
        kind === "HAProxyPool" &&
        status?.conditions?.some(({ type, status: is }) => type === "DriftDetected" && is === "True"),
    ),
  );
});

test("the base of hosts is brought about, kept, and measured beside what runs on them", async () => {
  await stage.kube.kubectl(["apply", "-f", "-"], JSON.stringify(baselineManifest(namespace)));
  await stage.untilReady(namespace);
  const file = "/etc/systemd/journald.conf.d/zz-pgha.conf";
  const { stdout: before } = await stage.lab.exec("db-slave-01", `sha256sum <${file}`);
  await stage.lab.exec("db-slave-01", `sed -i s/100M/900M/ ${file}; systemctl restart systemd-journald`);
  await stage.lab.exec("db-slave-02", "touch /run/reboot-required");
  await until(
    "it is put back, and read",
    async () =>
      (await stage.lab.exec("db-slave-01", `sha256sum <${file}`)).stdout === before &&
      (
        await stage.lab.exec(
          "db-slave-01",
          `[ "$(stat --printf '%i:%.9Z' ${file})" = "$(cat /var/lib/pgha/told/systemd-journald.service)" ]`,
        )
      ).exitCode === 0,
    60_000,
  );
  await until(
    "the reboot is measured",
    async () => {
      const lines = (await (await fetch(`${operatorUrl}/metrics`)).text()).split("\n");
      return lines.some((line) => /^pgha_host_reboot_needed\{.*host="db-slave-02".*\} 1$/.test(line));
    },
    30_000,
  );
  await stage.untilReady(namespace);
  const { status } = await stage.read("hostbaseline", "keybuzz-base", namespace);
  assert.equal(status?.readyHosts, "5/5");
  assert.deepEqual(
    status?.conditions?.filter(({ type }) => type === "RebootNeeded").map(({ status: is, reason }) => [is, reason]),
    [["True", "RebootNeeded"]],
  );
});

test("a healthy stack that is looked at again and again writes nothing", async () => {
  const count = stage.seen.length;
  await new Promise((resolve) => setTimeout(resolve, 25_000));
  assert.equal(stage.seen.length, count, JSON.stringify(stage.seen.at(-1)?.status));
});

test("paused, a change is planned and shown, and nothing is touched until that ends", async () => {
  await stage.kube.kubectl(["annotate", "pghac", CLUSTER, "-n", namespace, "pgha.keybuzz.io/paused=true"]);
  await patchCluster({ spec: { postgresql: { parameters: { work_mem: "6MB" } } } });
  await until("it says so", async () => {
    const { metadata, status } = await stage.read("pghac", CLUSTER, namespace);
    return (
      metadata.generation === status?.observedGeneration && status?.phase === "Paused" && (status.plan ?? []).length > 0
    );
  });
  assert.equal(await query("show work_mem"), "5MB");
  await stage.kube.kubectl(["annotate", "pghac", CLUSTER, "-n", namespace, "pgha.keybuzz.io/paused-"]);
  await until("it goes on", async () => (await query("show work_mem")) === "6MB", 60_000);
  await stage.untilReady(namespace);
});

test("deleted with Retain, the hosts serve as before and the Secrets stay", async () => {
  const uri = await secret(`${CLUSTER}-role-n8n`, "uri");
  await stage.kube.kubectl(["delete", "pgha", "--all", "-n", namespace, "--cascade=foreground", "--timeout=60s"]);
  assert.equal(await query("select count(*) from t"), "1");
  assert.equal(await secret(`${CLUSTER}-role-n8n`, "uri"), uri);
  const owners = await stage.kube.kubectl([
    "get",
    "secrets",
    "-n",
    namespace,
    "-o",
    "jsonpath={.items[*].metadata.ownerReferences}",
  ]);
  assert.equal(owners, "", "no Secret is left to the garbage collector");
});

test("applied again, the running hosts are taken over as they are", async () => {
  const { stdout: before } = await stage.lab.exec("db-master-01", "systemctl show -P MainPID patroni");
  await stage.apply({ namespace, parameters: { max_connections: 200, shared_buffers: "64MB", work_mem: "6MB" } });
  await stage.untilReady(namespace);
  assert.equal(
    (await stage.lab.exec("db-master-01", "systemctl show -P MainPID patroni")).stdout,
    before,
    "nothing was restarted",
  );
  assert.equal(await query("select count(*) from t"), "1");
});

test("deleted with Purge, everything of ours is gone from the hosts, once a person confirmed it", async () => {
  for (const [kind, name] of [
    ["pgbouncerpools", PGBOUNCER],
    ["haproxypools", HAPROXY],
  ] as const) {
    await patchPool(kind, name, { spec: { deletionPolicy: "Stop" } });
  }
  await assert.rejects(patchCluster({ spec: { deletionPolicy: "Purge" } }), /purgeConfirmation/);
  await patchCluster({ spec: { deletionPolicy: "Purge", purgeConfirmation: CLUSTER } });
  await until(
    "all are held",
    async () =>
      (
        await stage.kube.kubectl(["get", "pgha", "-n", namespace, "-o", "jsonpath={.items[*].metadata.finalizers}"])
      ).split("hosts").length === 4,
  );
  await stage.kube.kubectl(["delete", "pgha", "--all", "-n", namespace, "--timeout=180s"]);
  assert.equal(
    await stage.kube.kubectl(["get", "secrets", "-n", namespace, "-o", "name", "-l", "pgha.keybuzz.io/cluster"]),
    "",
    "the Secrets went last",
  );
  const left = await Promise.all(
    ["db-master-01", "db-slave-01", "db-slave-02"].map((host) =>
      stage.lab.exec(
        host,
        "ls -A /opt/keybuzz/postgres/data; ls /etc/patroni/config.yml /opt/pgha 2>/dev/null; systemctl " +
          "is-active patroni",
      ),
    ),
  );
  assert.deepEqual(
    left.map(({ stdout }) => stdout),
    ["inactive\n", "inactive\n", "inactive\n"],
  );
  const proxies = await Promise.all(
    ["proxy-01", "proxy-02"].map((host) =>
      stage.lab.exec(host, "systemctl is-active pgha-haproxy pgha-pgbouncer; ls /etc/pgha"),
    ),
  );
  assert.deepEqual(
    proxies.map(({ stdout }) => stdout),
    Array.from({ length: 2 }, () => "inactive\ninactive\nhaproxy\npgbouncer\n"),
    "stopped, and still there",
  );
});

test(
  "no status that was ever written breaks the rules of kstatus, or means one thing to Argo CD and " + "another to Flux",
  () => stage.lintAll(),
);
