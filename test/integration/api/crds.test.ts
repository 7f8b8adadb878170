import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { KIND_NAMES } from "../../../src/api/printer-columns.ts";
import { celMessage, type Rule } from "../../../src/api/rule.ts";
import * as shared from "../../../src/api/rules/cel.ts";
import { parseValue } from "../../../src/api/parse.ts";
import { startKube, type Kube } from "../../kube/start-kube.ts";
import { kstatusOf } from "../../kube/kstatus.ts";
import type { LintedResource } from "../../kube/status-linter.ts";
import { force, judge, soundBaseline, soundStack, type Stack } from "../../unit/api/stack.ts";
import { dryRun, type ServerVerdict } from "./dry-run.ts";

const ROOT = new URL("../../..", import.meta.url).pathname;
let kube: Kube;

before(async () => {
  kube = await startKube();
  await kube.kubectl(["apply", "-f", `${ROOT}/crds`]);
  await kube.kubectl(["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"]);
});
after(async () => await kube?.stop());

type Target = "cluster" | "haproxy" | "pgbouncer" | "baseline";

function ask(target: Target, document: object): Promise<ServerVerdict> {
  const kind = {
    cluster: "PostgresHACluster",
    haproxy: "HAProxyPool",
    pgbouncer: "PgBouncerPool",
    baseline: "HostBaseline",
  } as const;
  return dryRun(kube, KIND_NAMES[kind[target]].plural, document);
}

test("the CRDs are structural and their names are accepted", async () => {
  const conditions = await kube.kubectl([
    "get",
    "crd",
    "-o",
    'jsonpath={range .items[*]}{.metadata.name}{range .status.conditions[*]} {.type}={.status}{end}{"\\n"}{end}',
  ]);
  for (const { plural } of Object.values(KIND_NAMES))
    assert.match(
      conditions,
      new RegExp(`^${plural}\\.pgha\\.keybuzz\\.io (?=.*NamesAccepted=True)(?=.*Established=True)`, "m"),
    );
  assert.doesNotMatch(conditions, /NonStructuralSchema=True/);
});

test("the API server fills in the same defaults as pgha", async () => {
  const { resources } = judge();
  const { cluster, haproxy, pgbouncer } = soundStack();
  for (const [index, [target, document]] of (
    [
      ["cluster", cluster],
      ["haproxy", haproxy],
      ["pgbouncer", pgbouncer],
    ] as const
  ).entries()) {
    const { object, message } = await ask(target, document);
    assert.equal(message, "");
    assert.deepEqual((object as { readonly spec: unknown }).spec, resources[index]?.spec);
    assert.deepEqual(parseValue(object, "server").problems, [], "what comes back can be read again");
  }
});

test("a resource that nobody has looked at yet does not count as done", async () => {
  const stack = soundStack();
  for (const target of ["cluster", "haproxy", "pgbouncer"] as const) {
    const { object } = await ask(target, stack[target]);
    assert.equal(kstatusOf(object as LintedResource), "InProgress", target);
  }
});

const IMAGE = { id: `sha256:${"0123456789abcdef".repeat(4)}` };

const refusals: readonly { readonly rule: Rule; readonly target: Target; readonly spoil: (stack: Stack) => void }[] = [
  { rule: shared.memberCount, target: "cluster", spoil: ({ cluster }) => cluster.spec.hosts.pop() },
  { rule: shared.timingFitsTtl, target: "cluster", spoil: ({ cluster }) => (cluster.spec.patroni = { ttl: 29 }) },
  {
    rule: shared.timingIsOfOne,
    target: "cluster",
    spoil: ({ cluster }) => (cluster.spec.patroni = { failover: "Fast", loopWait: 6 }),
  },
  {
    rule: shared.dataDirectoryInsideVolume,
    target: "cluster",
    spoil: ({ cluster }) => (cluster.spec.postgresql.dataDirectory = "/srv/postgres"),
  },
  { rule: shared.purgeIsConfirmed, target: "cluster", spoil: ({ cluster }) => (cluster.spec.deletionPolicy = "Purge") },
  {
    rule: shared.modesAreQuoted,
    target: "cluster",
    spoil: ({ cluster }) => (cluster.spec.postgresql.parameters = { log_file_mode: 416 }),
  },
  { rule: shared.distinctProxyPorts, target: "haproxy", spoil: ({ haproxy }) => (haproxy.spec.ports = { read: 5432 }) },
  {
    rule: shared.fastChecksAreFast,
    target: "haproxy",
    spoil: ({ haproxy }) => (haproxy.spec.checks = { intervalMs: 150 }),
  },
  {
    rule: shared.containerIsTold,
    target: "haproxy",
    spoil: ({ haproxy }) => Object.assign(haproxy.spec, { runtime: "container" }),
  },
  {
    rule: shared.containerIsTold,
    target: "pgbouncer",
    spoil: ({ pgbouncer }) => Object.assign(pgbouncer.spec, { container: { image: IMAGE } }),
  },
  ...(["haproxy", "pgbouncer"] as const).flatMap((target) => [
    {
      rule: shared.imageComesFromOne,
      target,
      spoil: (stack: Stack) =>
        Object.assign(stack[target].spec, {
          runtime: "container",
          container: { image: { ...IMAGE, archive: "x.tar" } },
        }),
    },
    {
      rule: shared.loginIsForRegistry,
      target,
      spoil: (stack: Stack) =>
        Object.assign(stack[target].spec, {
          runtime: "container",
          container: { image: { ...IMAGE, pullSecretRef: { name: "registry" } } },
        }),
    },
  ]),
  {
    rule: shared.proxyPortsOfContainer,
    target: "haproxy",
    spoil: ({ haproxy }) =>
      Object.assign(haproxy.spec, { runtime: "container", container: { image: IMAGE }, ports: { stats: 80 } }),
  },
  {
    rule: shared.poolerPortOfContainer,
    target: "pgbouncer",
    spoil: ({ pgbouncer }) =>
      Object.assign(pgbouncer.spec, { runtime: "container", container: { image: IMAGE }, port: 432 }),
  },
  {
    rule: shared.memberPortsOfContainer,
    target: "cluster",
    spoil: ({ cluster }) =>
      Object.assign(cluster.spec, {
        runtime: "container",
        container: { image: IMAGE },
        patroni: { restApi: { port: 808 } },
      }),
  },
  { rule: shared.minimumFitsPool, target: "pgbouncer", spoil: ({ pgbouncer }) => (pgbouncer.spec.minPoolSize = 21) },
  {
    rule: shared.uuidOrLabel,
    target: "cluster",
    spoil: ({ cluster }) => {
      const mount = { label: "pgdata", uuid: "0e5a0000-0000-4000-8000-000000000001" };
      Object.assign(cluster.spec.postgresql.dataVolume, { mount });
    },
  },
  {
    rule: shared.everyVolumeIsNamed,
    target: "cluster",
    spoil: ({ cluster }) => Object.assign(cluster.spec.postgresql.dataVolume, { mount: { options: ["noatime"] } }),
  },
  {
    rule: shared.everythingNeedsAdmins,
    target: "baseline",
    spoil: ({ more }) => {
      const baseline = soundBaseline();
      more.push({ ...baseline, spec: { ...baseline.spec, firewall: { drop: "everything" } } });
    },
  },
];

for (const { rule, target, spoil } of refusals) {
  test(`API server and pgha refuse in the same words: ${rule.message}`, async () => {
    const stack = soundStack();
    spoil(stack);
    const document = target === "baseline" ? (stack.more[0] as object) : stack[target];
    const { accepted, message } = await ask(target, document);
    assert.equal(accepted, false);
    assert.ok(message.includes(celMessage(rule)), message);
    assert.deepEqual(
      judge(spoil).problems.map((problem) => `${problem.message}: ${problem.wayOut}`),
      [celMessage(rule)],
    );
  });
}

test("every rule that both check is tested here", () => {
  assert.deepEqual(new Set(refusals.map((each) => each.rule)), new Set(Object.values(shared)));
});

test("what can't change is refused on update, in pgha's words, and what can is not", async () => {
  const { cluster } = soundStack();
  await kube.kubectl(["apply", "-f", "-"], JSON.stringify(cluster));
  const changes: readonly [RegExp, (stack: Stack) => void][] = [
    [
      /the address of a host can't be changed/,
      ({ cluster: { spec } }) => force(spec.hosts[1] ?? {}, "address", "10.0.0.99"),
    ],
    [/patroni\.scope can't be changed/, ({ cluster: { spec } }) => (spec.patroni = { scope: "other" })],
    [
      /patroni\.dcs\.raft\.port can't be changed/,
      ({ cluster: { spec } }) => (spec.patroni = { dcs: { raft: { port: 7001 } } }),
    ],
    [
      /postgresql\.dataVolume\.mountPath can't be changed/,
      ({ cluster: { spec } }) => (spec.postgresql.dataVolume.mountPath = "/data"),
    ],
    [
      /postgresql\.dataDirectory can't be changed/,
      ({ cluster: { spec } }) => (spec.postgresql.dataDirectory = "/srv/postgres/x"),
    ],
    [/postgresql\.version can't be changed/, ({ cluster: { spec } }) => (spec.postgresql.version = 18)],
  ];
  for (const [says, spoil] of changes) {
    const stack = soundStack();
    spoil(stack);
    await assert.rejects(kube.kubectl(["apply", "-f", "-"], JSON.stringify(stack.cluster)), says);
  }
  const stack = soundStack();
  stack.cluster.spec.hosts.reverse();
  stack.cluster.spec.postgresql.parameters = { work_mem: "8MB" };
  Object.assign(stack.cluster.spec, { runtime: "container", container: { image: IMAGE } });
  await kube.kubectl(["apply", "-f", "-"], JSON.stringify(stack.cluster));
});

test("what pgha accepts the API server accepts, and what the schema refuses both refuse", async () => {
  const value = fc.oneof(
    fc.constantFrom(
      "a\nb",
      "..",
      "$(id)",
      "é",
      "a".repeat(64),
      "/a",
      "/a/..",
      "10.0.0.1",
      "::1",
      "x y",
      "A",
      "-a",
      "a-",
      "1",
      "",
      "ssh-ed25519 AAAA",
      "10.0.0.0/8",
    ),
    fc.string({ maxLength: 6 }),
  );
  const places: readonly ((stack: Stack, value: string) => void)[] = [
    ({ cluster }, text) => (cluster.metadata.name = text),
    ({ cluster }, text) => force(cluster.spec.hosts[0] ?? {}, "name", text),
    ({ cluster }, text) => force(cluster.spec.hosts[0] ?? {}, "address", text),
    ({ cluster }, text) => force(cluster.spec.hosts[0] ?? {}, "hostKey", text),
    ({ cluster }, text) => (cluster.spec.ssh.user = text),
    ({ cluster }, text) => (cluster.spec.ssh.knownHosts = text),
    ({ cluster }, text) => (cluster.spec.postgresql.dataVolume.mountPath = text),
    ({ cluster }, text) => (cluster.spec.postgresql.clientNetworks = [text]),
    ({ cluster }, text) => (cluster.spec.postgresql.additionalHba = [text]),
    ({ cluster }, text) => (cluster.spec.postgresql.locale = text),
    ({ cluster }, text) => force(cluster.spec.roles?.[0] ?? {}, "name", text),
    ({ cluster }, text) => (cluster.spec.patroni = { dcs: { raft: { pysyncobjFile: text } } }),
    ({ cluster }, text) => (cluster.spec.credentials = { raftSecretRef: { name: text } }),
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), value, async (place, text) => {
      const stack = soundStack();
      stack.cluster.metadata.name = "trial";
      place(stack, text);
      const ours = parseValue(stack.cluster, "x").problems;
      const { accepted, message } = await ask("cluster", stack.cluster);
      assert.equal(
        accepted,
        ours.length === 0,
        `${JSON.stringify(text)}: ${message || "accepted"} / ${JSON.stringify(ours)}`,
      );
    }),
    { numRuns: 300 },
  );
});

test("two hands can each apply hosts of their own: the lists merge by name", async () => {
  const { haproxy } = soundStack();
  const { hosts, ...spec } = haproxy.spec;
  const [first, second] = hosts;
  const apply = (manager: string, document: object) =>
    kube.kubectl(["apply", "--server-side", `--field-manager=${manager}`, "-f", "-"], JSON.stringify(document));
  await apply("one", { ...haproxy, spec: { ...spec, hosts: [first] } });
  await apply("two", {
    apiVersion: haproxy.apiVersion,
    kind: haproxy.kind,
    metadata: haproxy.metadata,
    spec: { hosts: [second] },
  });
  assert.equal(await kube.kubectl(["get", "hap", "proxy", "-o", "jsonpath={.spec.hosts[*].name}"]), "proxy-1 proxy-2");
});

test("kubectl explain reads like documentation", async () => {
  const text = await kube.kubectl(["explain", "postgreshaclusters.spec.patroni.ttl"]);
  assert.match(
    text.replaceAll(/\s+/g, " "),
    /Life of the leader's key, in seconds: after this long without a sign of life/,
  );
});

test("kubectl get shows the columns, short names and the category", async () => {
  await kube.kubectl(["apply", "-f", "-"], JSON.stringify({ ...soundStack().cluster, metadata: { name: "shown" } }));
  const status = {
    phase: "Ready",
    leader: "db-1",
    readyMembers: "3/3",
    lagBytes: 0,
    conditions: [
      { type: "Ready", status: "True", reason: "Verified", message: "m", lastTransitionTime: "2025-01-01T00:00:00Z" },
    ],
  };
  await kube.kubectl([
    "patch",
    "pghac",
    "shown",
    "--subresource=status",
    "--type=merge",
    "-p",
    JSON.stringify({ status }),
  ]);
  const [header = "", row = ""] = (await kube.kubectl(["get", "pghac", "shown"])).split("\n");
  assert.match(header, /^NAME\s+READY\s+STATUS\s+LEADER\s+MEMBERS\s+PG\s+AGE/);
  assert.match(row, /^shown\s+True\s+Ready\s+db-1\s+3\/3\s+17\s+/);
  assert.match(await kube.kubectl(["get", "pghac", "-A", "-o", "wide"]), /LAG\s+SKEW\s+MESSAGE/);
  // The category is no short name: kubectl would no longer know which of the kinds is meant.
  const names = (await kube.kubectl(["api-resources", "--categories=pgha", "-o", "name"]))
    .trim()
    .split("\n")
    .toSorted();
  assert.deepEqual(
    names,
    Object.values(KIND_NAMES)
      .map(({ plural }) => `${plural}.pgha.keybuzz.io`)
      .toSorted(),
  );
});
