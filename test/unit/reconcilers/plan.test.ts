import assert from "node:assert/strict";
import { test } from "node:test";
import { convergedWorld, planOf } from "../../model/converge.ts";
import type { ModelWorld } from "../../model/model-world.ts";

const pristine = await convergedWorld();

interface Case {
  readonly reason: string;
  readonly change: (model: ModelWorld) => void;
  readonly steps?: readonly string[];
  readonly waits?: readonly string[];
  readonly blockers?: readonly string[];
  readonly warnings?: readonly string[];
  readonly phases: readonly string[];
}

const CASES: readonly Case[] = [
  {
    reason: "a converged stack is Ready, with nothing to say",
    change: () => undefined,
    phases: ["Ready", "Ready", "Ready"],
  },
  {
    reason: "vector that is installed and does not work keeps the cluster from being Ready",
    change: (model) =>
      void (model.databases = model.databases.map((database) =>
        database.name === "keybuzz" ? { ...database, vectorWorks: false } : database,
      )),
    waits: ["VectorNotWorking", "VectorNotWorking", "VectorNotWorking"],
    phases: ["Degraded", "Ready", "Ready"],
  },
  {
    reason: "an old PgBouncer is served without the setting it does not know, and with a warning",
    change: (model) => void (model.host("proxy-01").packageVersion = "1.18.0-1"),
    steps: ["write-file proxy-01", "reload-unit proxy-01"],
    warnings: ["NoPreparedStatements"],
    phases: ["Ready", "Ready", "Pending"],
  },
  {
    reason: "a setting that the installed PgBouncer is too old for is refused before it is written",
    change: (model) => {
      model.host("proxy-02").packageVersion = "1.18.0-1";
      Object.assign(model.stack.pgbouncerPools[0]?.spec.parameters ?? {}, { track_extra_parameters: "search_path" });
    },
    steps: ["write-file proxy-01", "reload-unit proxy-01", "write-file proxy-02", "reload-unit proxy-02"],
    blockers: ["SettingTooNew"],
    warnings: ["NoPreparedStatements"],
    phases: ["Ready", "Ready", "Blocked"],
  },
  {
    reason: "a patronictl of somebody else's stays where it is, and a warning says so",
    change: (model) =>
      model.host("db-slave-01").write("/usr/local/bin/patronictl", {
        content: "#!/usr/bin/python3\n",
        owner: "root",
        group: "root",
        mode: 0o755,
      }),
    warnings: ["FileNotOurs"],
    phases: ["Ready", "Ready", "Ready"],
  },
  {
    reason: "pgha's patronictl comes back when it was changed or is gone",
    change: (model) => {
      const own = model.host("db-slave-01").files.get("/usr/local/bin/patronictl");
      if (own !== undefined) own.content += "exit 1\n";
      model.host("db-slave-02").files.delete("/usr/local/bin/patronictl");
    },
    steps: ["write-file db-slave-01", "write-file db-slave-02"],
    phases: ["Pending", "Ready", "Ready"],
  },
  {
    reason: "a release without pgvector is refused before anything is touched, when a database declares it",
    change: (model) => void (model.host("db-slave-01").codename = "bookworm"),
    blockers: ["ExtensionUnavailable"],
    phases: ["Blocked", "Ready", "Ready"],
  },
  {
    reason: "F86: a replica's host that is away makes the cluster Degraded, not down, and holds nothing else up",
    change: (model) => {
      model.host("db-slave-02").reachable = false;
      model.host("db-slave-01").packages.delete("curl");
    },
    steps: ["install-packages db-slave-01"],
    blockers: ["HostUnreachable"],
    phases: ["Degraded", "Ready", "Ready"],
  },
  {
    reason: "F51: HAProxy that sees no leader is not Ready, and neither is the cluster",
    change: (model) => void model.host("db-master-01").active.delete("patroni.service"),
    steps: ["start-unit db-master-01"],
    waits: ["NoWriteServer", "NoWriteServer", "LoginFails", "LoginFails"],
    phases: ["NotServing", "NotServing", "NotServing"],
  },
  {
    reason: "F38: a distribution's PostgreSQL that was unmasked is masked again",
    change: (model) => void model.host("db-slave-01").masked.delete("postgresql.service"),
    steps: ["arrange-units db-slave-01"],
    phases: ["Pending", "Ready", "Ready"],
  },
];

for (const { reason, change, steps = [], waits = [], blockers = [], warnings = [], phases } of CASES) {
  test(reason, async () => {
    const model = pristine.copy(structuredClone(pristine.stack));
    change(model);
    const { plan, statuses } = await planOf(model);
    assert.deepEqual(
      plan.steps.map((step) => `${step.change.kind} ${step.host ?? ""}`),
      steps,
    );
    assert.deepEqual(
      plan.waits.map((wait) => wait.reason),
      waits,
    );
    assert.deepEqual(
      plan.blockers.map((blocker) => blocker.reason),
      blockers,
    );
    assert.deepEqual(
      plan.warnings.map((warning) => warning.reason),
      warnings,
    );
    assert.deepEqual(
      [...statuses.values()].map((status) => status.phase),
      phases,
    );
  });
}

test("Ready is True only for a resource with nothing to do, to wait for, or in the way", async () => {
  for (const { change } of CASES) {
    const model = pristine.copy(structuredClone(pristine.stack));
    change(model);
    const { plan, statuses } = await planOf(model);
    for (const [name, status] of statuses) {
      const isReady = status.conditions.some((condition) => condition.type === "Ready" && condition.status === "True");
      const open = [...plan.steps, ...plan.waits, ...plan.blockers].filter((item) => item.resource === name);
      assert.ok(!isReady || open.length === 0, `${name} is Ready beside ${JSON.stringify(open)}`);
    }
  }
});
