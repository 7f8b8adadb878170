import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fingerprint, parseHostKey } from "../../src/shell/host-key.ts";
import { startPackagedLab } from "../journeys/support/packaged-lab.ts";
import { OUR_UNITS, unitTimes } from "../journeys/support/traces.ts";
import type { Observed } from "../kube/kstatus.ts";
import type { OperatorProcess } from "../kube/operator-process.ts";
import { startPrometheus } from "../kube/prometheus.ts";
import type { Alert, Prometheus } from "../kube/prometheus.ts";
import { until } from "../kube/until.ts";
import { verdictsOn } from "../kube/verdicts.ts";
import { CLUSTER, HAPROXY, PGBOUNCER } from "./lab-manifest.ts";
import { logins, MEMBERS, raftLeaderAsReplica, untilAnotherLeads } from "./roles.ts";
import { startStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

const namespace = "trouble";
const POOLS = [
  ["haproxypool", HAPROXY],
  ["pgbouncerpool", PGBOUNCER],
] as const;
let stage: Stage;
let operator: OperatorProcess;
let prometheus: Prometheus;
let healthySince: number;
/** Who leads until its power is cut, and a replica whose host goes through everything before. */
let leader: string;
let lost: string;
let printsBefore: ReadonlyMap<string, string>;
let othersBefore: readonly unknown[];

before(async () => {
  stage = await startStage(startPackagedLab);
  // As seldom as by default: what is told of a lost host must not wait for the next poll.
  operator = stage.startOperator("--poll", "30");
  const { host } = new URL(await operator.url());
  await stage.apply({ namespace, believesProxies: true });
  await stage.untilReady(namespace);
  prometheus = await startPrometheus(host);
});
after(async () => {
  await prometheus?.stop();
  await stage.end();
});

function print(host: string): string {
  return fingerprint(parseHostKey(stage.lab.host(host).hostKey)?.blob ?? Buffer.of());
}

async function unitsOfOthers(): Promise<readonly unknown[]> {
  return Promise.all(
    [...MEMBERS.filter((host) => host !== lost), "proxy-01"].map(async (host) => unitTimes(stage.lab, host, OUR_UNITS)),
  );
}

/** Waits until a resource is Stalled for this reason; resolves to what it says, which is what Argo CD shows. */
async function untilStalled(kind: string, name: string, reason: string): Promise<string> {
  const resource = await until(
    `${name} is Stalled by ${reason}`,
    async () => {
      const found = await stage.read(kind, name, namespace);
      return found.status?.conditions?.some(
        (condition) => condition.type === "Stalled" && condition.reason === reason,
      ) === true
        ? found
        : undefined;
    },
    120_000,
  );
  const [verdict] = await verdictsOn([resource as Observed]);
  assert.deepEqual([verdict?.argo.status, verdict?.kstatus], ["Degraded", "Failed"]);
  return verdict?.argo.message ?? "";
}

/** All that fires, once so many hosts are told to be unreachable. */
async function firingAbout(hosts: number): Promise<readonly Alert[] | undefined> {
  const firing = await prometheus.firing();
  return firing.filter(isUnreachable).length >= hosts ? firing : undefined;
}

function isUnreachable({ labels }: Alert): boolean {
  return labels["alertname"] === "PghaHostUnreachable";
}

/** Does what a message asks for, to the letter. */
async function obey(message: string): Promise<void> {
  const [, words = ""] = /kubectl (annotate --overwrite \S.*?accept-host-key=\S+)/.exec(message) ?? [];
  assert.notEqual(words, "", message);
  await stage.kube.kubectl(words.split(" "));
}

/** Waits until a resource is not Ready because of a host; resolves to the milliseconds since `started`. */
async function untilToldOf(host: string, name: string, started: number): Promise<number> {
  const isTold = () => {
    const { status } = stage.seen.findLast(({ metadata }) => metadata.name === name) ?? {};
    const ready = status?.conditions?.find(({ type }) => type === "Ready");
    const reachable = status?.conditions?.find(({ type }) => type === "HostsReachable");
    return ready?.status === "False" && reachable?.status === "False" && reachable.message.includes(host);
  };
  await until(`${name} tells of ${host}`, () => Promise.resolve(isTold()), 90_000);
  return Math.round(performance.now() - started);
}

test("a healthy stack is scraped as the PodMonitor says, and nothing fires", async () => {
  await until(
    "the first scrape",
    async () =>
      (await prometheus.value(
        `sum(pgha_resource_condition{namespace="${namespace}", type="Ready", status="True"})`,
      )) === "3",
  );
  assert.equal(await prometheus.value("sum(pgha_host_reachable)"), "7");
  await prometheus.untilRulesHadTime();
  healthySince = Date.now();
  assert.deepEqual(await prometheus.firing(), []);
});

test("alerts name a replica's host that is cut and the leader's that only pgha cannot reach; clients are served", async () => {
  ({ leader, raftLeader: lost } = await raftLeaderAsReplica(stage, namespace));
  await prometheus.untilQuiet(60_000);
  const before = stage.seen.length;
  const started = performance.now();
  await Promise.all([
    stage.lab.cut(lost),
    stage.lab.exec(leader, "systemctl stop ssh.socket ssh.service; pkill sshd; true"),
  ]);
  const alerts = await until("both hosts' alerts fire", () => firingAbout(2), 120_000);
  console.log(`from the cut cable to the alerts: ${Math.round(performance.now() - started)} ms`);
  const unreachable = alerts.filter(isUnreachable);
  assert.deepEqual(
    new Set(unreachable.map(({ labels }) => labels)),
    new Set(
      [lost, leader].map((host) => ({
        alertname: "PghaHostUnreachable",
        severity: "warning",
        kind: "PostgresHACluster",
        namespace,
        name: CLUSTER,
        host,
      })),
    ),
  );
  assert.deepEqual(
    alerts.filter(({ labels }) => labels["severity"] === "critical"),
    [],
    "clients are served all the same",
  );
  assert.deepEqual(
    stage.seen
      .slice(before)
      .flatMap(({ status }) => status?.conditions ?? [])
      .filter(({ type, status }) => type === "Available" && status !== "True"),
    [],
    "nor was anything else ever said",
  );
  assert.equal((await stage.read("pghac", CLUSTER, namespace)).status?.leader, leader);
  assert.equal(
    unreachable.find(({ labels }) => labels["host"] === lost)?.annotations["summary"],
    `${lost} of PostgresHACluster ${namespace}/${CLUSTER} cannot be reached`,
  );
  const [verdict] = await verdictsOn([(await stage.read("pghac", CLUSTER, namespace)) as Observed]);
  assert.deepEqual(
    [verdict?.argo.status, verdict?.kstatus],
    ["Degraded", "InProgress"],
    "it may come back: nobody is called",
  );
  await Promise.all([stage.lab.heal(lost), stage.lab.exec(leader, "systemctl start ssh.service")]);
  await stage.untilReady(namespace, 120_000);
  await prometheus.untilQuiet(60_000);
});

test(
  "hosts that were built anew are refused before anything is sent, and it is said what was pinned, what " +
    "is shown, and what to do",
  async () => {
    printsBefore = new Map([lost, "proxy-02"].map((host) => [host, print(host)]));
    othersBefore = await unitsOfOthers();
    await Promise.all([...printsBefore.keys()].map((host) => stage.lab.rebuild(host)));
    for (const [kind, name, host] of [
      ["pghac", CLUSTER, lost],
      ...POOLS.map((pool) => [...pool, "proxy-02"] as const),
    ] as const) {
      const message = await untilStalled(kind, name, "HostKeyChanged");
      for (const part of [
        `shows ssh-ed25519 ${print(host)}`,
        `expected was ssh-ed25519 ${printsBefore.get(host)}`,
        `ssh-keygen -lf`,
        stage.lab.host(host).hostKey,
      ]) {
        assert.ok(message.includes(part), `${part} is not in: ${message}`);
      }
      const events = await stage.kube.kubectl([
        "get",
        "events.events.k8s.io",
        "-n",
        namespace,
        "-o",
        `jsonpath={.items[?(@.regarding.name=="${name}")].note}`,
      ]);
      assert.ok(events.includes(`accept-host-key=${host}=${print(host)}`), events);
      assert.equal(await logins(stage.lab, host), 0);
    }
    const stalled = (await prometheus.untilFiring("PghaStalled")).filter(
      ({ labels }) => labels["alertname"] === "PghaStalled",
    );
    assert.ok(stalled.length > 0);
  },
);

test(
  "of a key that was believed, the command in the message is all it takes, for all resources on " + "that host",
  async () => {
    await obey(await untilStalled(...POOLS[0], "HostKeyChanged"));
    for (const [kind, name] of POOLS) {
      const { status } = await until(
        `${name} is Ready`,
        async () => {
          const found = await stage.read(kind, name, namespace);
          return found.status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") === true
            ? found
            : undefined;
        },
        180_000,
      );
      assert.equal(status?.readyHosts, "2/2");
      assert.equal(status?.hosts?.find((host) => host.name === "proxy-02")?.hostKeyFingerprint, print("proxy-02"));
    }
  },
);

test(
  "with its new key in the spec the new machine is still not believed to be the old one, until that is " +
    "approved; then the replica is put back",
  async () => {
    const { spec } = (await stage.read("pghac", CLUSTER, namespace)) as unknown as {
      readonly spec: { readonly hosts: readonly { readonly name: string }[] };
    };
    await untilStalled("pghac", CLUSTER, "HostKeyChanged");
    const hosts = spec.hosts.map((host) => ({ ...host, hostKey: stage.lab.host(host.name).hostKey }));
    await stage.kube.kubectl([
      "patch",
      "pghac",
      CLUSTER,
      "-n",
      namespace,
      "--type=merge",
      "-p",
      JSON.stringify({ spec: { hosts } }),
    ]);
    const command = await untilStalled("pghac", CLUSTER, "MachineChanged");
    assert.match(command, new RegExp(`accept-host-key=${lost}=machine:[0-9a-f]{32},${lost}=volume:[0-9a-f-]{36}`));
    const untouched = await stage.lab.exec(
      lost,
      "ls -A /opt/keybuzz/postgres/data; ls -d /opt/pgha /etc/pgha /etc/patroni",
    );
    assert.equal(untouched.stdout, "");
    await obey(command);
    await stage.untilReady(namespace);
    const { status } = await stage.read("pghac", CLUSTER, namespace);
    assert.equal(status?.readyMembers, "3/3");
    assert.deepEqual(status?.members?.map(({ state }) => state).toSorted(), ["running", "streaming", "streaming"]);
    assert.deepEqual(await unitsOfOthers(), othersBefore, "units of the hosts that stayed run on");
  },
);

test(
  "a volume that is not the recorded one is refused, until it is approved by the command in the " + "message",
  async () => {
    const hosts = (await stage.read("pghac", CLUSTER, namespace)).status?.hosts ?? [];
    const uuid = hosts[1]?.volumeUuid;
    assert.match(uuid ?? "", /^[0-9a-f-]{36}$/);
    const other = "00000000-0000-4000-8000-000000000000";
    await stage.kube.kubectl([
      "patch",
      "pghac",
      CLUSTER,
      "-n",
      namespace,
      "--subresource=status",
      "--type=json",
      "-p",
      JSON.stringify([{ op: "replace", path: "/status/hosts/1/volumeUuid", value: other }]),
    ]);
    const message = await untilStalled("pghac", CLUSTER, "VolumeChanged");
    assert.match(message, new RegExp(`UUID ${uuid}; it was ${other}`));
    await obey(message);
    await stage.untilReady(namespace, 120_000);
    assert.equal((await stage.read("pghac", CLUSTER, namespace)).status?.hosts?.[1]?.volumeUuid, uuid);
    assert.deepEqual(await unitsOfOthers(), othersBefore);
  },
);

test("then all alerts resolve, and no other hosts were ever named", async () => {
  await prometheus.untilQuiet(60_000);
  const fired = await prometheus.firedSince(healthySince);
  assert.deepEqual(
    new Set(fired.flatMap(({ alertname, host }) => (alertname === "PghaHostUnreachable" ? [host] : []))),
    new Set([lost, leader, "proxy-02"]),
  );
});

test(
  "a power cut of the leader's host and of a proxy's is told before the members have another leader, in " +
    "status and log",
  async () => {
    const witness = MEMBERS.find((host) => host !== leader) ?? "";
    const started = performance.now();
    await Promise.all([stage.lab.crash(leader), stage.lab.crash("proxy-01")]);
    const [ofLeader, another, ...ofProxy] = await Promise.all([
      untilToldOf(leader, CLUSTER, started),
      untilAnotherLeads(stage.lab, { leader, witness, started }),
      ...POOLS.map(([, name]) => untilToldOf("proxy-01", name, started)),
    ]);
    console.log(`told of the leader's host after ${ofLeader} ms, of the proxy's after ${ofProxy.join(" and ")} ms`);
    console.log(`the members have another leader after ${another} ms`);
    for (const told of [ofLeader, ...ofProxy]) assert.ok(told < another + 10_000 && told < 30_000, `${told} ms`);
    await Promise.all([stage.lab.boot(leader), stage.lab.boot("proxy-01")]);
    await stage.untilReady(namespace, 180_000);
    const lines = operator.log.map((line) =>
      ["kind", "host", "reason"].map((field) => (typeof line[field] === "string" ? line[field] : "-")).join(" "),
    );
    for (const line of [
      `PostgresHACluster ${leader} HostUnreachable`,
      `PostgresHACluster ${leader} HostBack`,
      ...["HAProxyPool", "PgBouncerPool"].map((kind) => `${kind} proxy-01 HostUnreachable`),
      "PostgresHACluster - Converged",
    ])
      assert.ok(lines.includes(line), `${line} is not in ${lines.join("; ")}`);
    assert.ok(lines.some((line) => line.endsWith(" LeaderChanged")));
  },
);

test("the log holds no password", async () => {
  const { items } = JSON.parse(await stage.kube.kubectl(["get", "secrets", "-n", namespace, "-o", "json"])) as {
    readonly items: readonly { readonly data?: Readonly<Record<string, string>> }[];
  };
  const secrets = items.flatMap(({ data = {} }) =>
    ["password", "verifier", "uri", "ssh-privatekey"].flatMap((key) =>
      data[key] === undefined ? [] : [Buffer.from(data[key], "base64").toString()],
    ),
  );
  assert.ok(secrets.length > 5);
  const log = JSON.stringify(operator.log);
  for (const secret of secrets) assert.ok(!log.includes(JSON.stringify(secret).slice(1, -1)), "a secret is in the log");
});

test(
  "no status that was ever written breaks the rules of kstatus, or means one thing to Argo CD and " + "another to Flux",
  () => stage.lintAll(),
);
