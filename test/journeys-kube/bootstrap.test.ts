import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { kstatusOf } from "../kube/kstatus.ts";
import type { LintedResource } from "../kube/status-linter.ts";
import { until } from "../kube/until.ts";
import { CLUSTER } from "./lab-manifest.ts";
import { startStage, wipe } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** First bootstraps that are killed on the way; together at least KILLS kills. */
const ROUNDS = Number(process.env["PGHA_KILL_ROUNDS"] ?? 3);
const KILLS = Number(process.env["PGHA_KILLS"] ?? 10);
/** About what a first bootstrap takes on this machine; kills are spread over it. */
const SPREAD_MS = 12_000;

let stage: Stage;
before(async () => {
  stage = await startStage();
});
after(async () => stage.end());

/** System identifiers on the hosts' disks. */
async function systemIds(): Promise<ReadonlySet<string>> {
  const found = await Promise.all(
    ["db-master-01", "db-slave-01", "db-slave-02"].map(async (host) => {
      const { stdout } = await stage.lab.exec(
        host,
        "/usr/lib/postgresql/17/bin/pg_controldata -D /opt/keybuzz/postgres/data/pgdata | sed -n " +
          "'s/^Database system identifier: *//p'",
      );
      return stdout.trim();
    }),
  );
  return new Set(found);
}

async function forget(namespace: string): Promise<void> {
  await stage.kube.kubectl(["delete", "pgha", "--all", "-n", namespace, "--timeout=60s"]);
  await wipe(stage.lab);
}

for (let round = 1; round <= ROUNDS; round += 1) {
  const kills = Math.ceil(KILLS / ROUNDS);
  test(
    `killed ${kills} times at random moments of the first bootstrap, it ends Ready with one system id ` +
      `(round ${round})`,
    async () => {
      const namespace = `killed-${round}`;
      let operator = stage.startOperator();
      await operator.url();
      await stage.apply({ namespace });
      const moments: number[] = [];
      for (let kill = 1; kill <= kills; kill += 1) {
        const pauseMs = Math.round((Math.random() * 2 * SPREAD_MS) / kills);
        moments.push(pauseMs);
        await sleep(pauseMs);
        await operator.kill();
        operator = stage.startOperator("--no-leader-election");
        await operator.url();
      }
      console.log(`killed after ${moments.join(", ")} ms`);
      await stage.untilReady(namespace, 300_000);
      const { status } = await stage.read("pghac", CLUSTER, namespace);
      assert.deepEqual([...(await systemIds())], [status?.systemId]);
      const recorded = new Set(
        stage.seen
          .filter(({ metadata }) => metadata.namespace === namespace)
          .flatMap(({ status: each }) => each?.systemId ?? []),
      );
      assert.deepEqual([...recorded], [status?.systemId], "no other was ever recorded");
      await forget(namespace);
      await operator.stop();
    },
  );
}

test("of two replicas one acts, and the other goes on when it is killed in the middle", async () => {
  const namespace = "replicas";
  const replicas = [stage.startOperator("--identity", "one"), stage.startOperator("--identity", "two")];
  await Promise.all(replicas.map((replica) => replica.url()));
  await stage.apply({ namespace });
  // The lease of an operator that was killed runs out first.
  const leading = async (): Promise<string | undefined> =>
    /^(?:one|two)(?=-)/.exec(
      await stage.kube.kubectl([
        "get",
        "lease",
        "pgha-operator",
        "-n",
        "default",
        "-o",
        "jsonpath={.spec.holderIdentity}",
      ]),
    )?.[0];
  await until("one leads", leading, 60_000);
  await until(
    "it has begun",
    async () =>
      stage.seen.some(
        ({ metadata, status }) => metadata.namespace === namespace && status?.bootstrapIntent !== undefined,
      ),
    120_000,
  );
  const first = await until("one leads still", leading, 60_000);
  await replicas[first === "one" ? 0 : 1]?.kill();
  await stage.untilReady(namespace, 300_000);
  const events = JSON.parse(
    await stage.kube.kubectl(["get", "events.events.k8s.io", "-n", namespace, "-o", "json"]),
  ) as { readonly items: readonly { readonly reportingInstance: string; readonly eventTime: string }[] };
  const acts = events.items.map(({ reportingInstance, eventTime }) => ({
    who: reportingInstance.slice(0, 3),
    at: Date.parse(eventTime),
  }));
  // On a busy machine the lead may change hands before the kill, too; what counts is that they take turns as the lease
  // does.
  const turns = acts
    .toSorted((left, right) => left.at - right.at)
    .filter(({ who }, index, all) => all[index - 1]?.who !== who).length;
  const transitions = Number(
    await stage.kube.kubectl([
      "get",
      "lease",
      "pgha-operator",
      "-n",
      "default",
      "-o",
      "jsonpath={.spec.leaseTransitions}",
    ]),
  );
  assert.ok(turns <= transitions + 1, `${turns} turns, ${transitions} transitions: ${JSON.stringify(acts)}`);
  assert.deepEqual([...new Set(acts.map(({ who }) => who))].toSorted(), ["one", "two"]);
  assert.equal((await systemIds()).size, 1);
  await forget(namespace);
  await replicas[first === "one" ? 1 : 0]?.stop();
});

test(
  "a host that is down at creation is waited for, nothing is touched meanwhile, and then all " + "becomes Ready",
  async () => {
    const namespace = "down";
    await stage.lab.crash("db-slave-02");
    await stage.startOperator().url();
    await stage.apply({ namespace });
    const waiting = await until(
      "it says what it waits for",
      async () => {
        const resource = await stage.read("pghac", CLUSTER, namespace);
        return resource.status?.conditions?.some(
          ({ type, status, reason }) => type === "Ready" && status === "False" && reason === "HostUnreachable",
        ) === true
          ? resource
          : undefined;
      },
      120_000,
    );
    assert.match(waiting.status?.message ?? "", /^db-slave-02: .*cannot be reached/);
    assert.equal(kstatusOf(waiting as LintedResource), "InProgress");
    assert.equal(
      (await stage.lab.exec("db-master-01", "ls /etc/patroni/config.yml")).exitCode,
      2,
      "no host was touched",
    );
    await stage.lab.boot("db-slave-02");
    await stage.untilReady(namespace, 300_000);
  },
);

test(
  "no status that was ever written breaks the rules of kstatus, or means one thing to Argo CD and " + "another to Flux",
  () => stage.lintAll(),
);
