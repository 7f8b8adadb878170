import assert from "node:assert/strict";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "js-yaml";
import { SPEC_SCHEMAS } from "../../../src/api/kinds.ts";
import type { Kind } from "../../../src/api/index.ts";
import { recordSeen } from "../../../src/reconcilers/record.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import { inOrder, planOf } from "../../model/converge.ts";
import { ModelWorld } from "../../model/model-world.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { REPOSITORY } from "../manifests/rendered.ts";
import { healthOf, HEALTH_SCRIPT } from "../../kube/argo-health.ts";
import type { Observed } from "../../kube/kstatus.ts";
import { contradictions, verdictsOn } from "../../kube/verdicts.ts";
import { after, AMENDED, bare, recordedFrom, refused } from "./situations.ts";
import type { Recorded } from "./situations.ts";
import { removeFolder } from "../../temporary/remove-folder.ts";

const KINDS = Object.keys(SPEC_SCHEMAS) as readonly Kind[];
const SOUND = "Healthy/Current";
const away = (host: string) => (model: ModelWorld) => void (model.host(host).reachable = false);
const replicaStopped = (model: ModelWorld): void => void model.host("db-slave-01").active.delete("patroni.service");

/** Argo CD's and kstatus' word on each resource of the stack: cluster, HAProxy pool, PgBouncer pool. */
const SITUATIONS: readonly {
  readonly when: string;
  readonly recorded: () => Promise<readonly Recorded[]>;
  readonly verdicts: readonly string[];
}[] = [
  { when: "all is well", recorded: () => after(() => undefined), verdicts: [SOUND, SOUND, SOUND] },
  {
    when: "a replica's host is away: clients are served, and it may come back",
    recorded: () => after(away("db-slave-02")),
    verdicts: ["Degraded/InProgress", SOUND, SOUND],
  },
  {
    when: "a file has to be written anew",
    recorded: () => after((model) => void model.host("db-slave-01").files.delete("/etc/patroni/config.yml")),
    verdicts: ["Progressing/InProgress", SOUND, SOUND],
  },
  {
    when: "a replica's Patroni is to be started",
    recorded: () => after(replicaStopped),
    verdicts: ["Progressing/InProgress", SOUND, SOUND],
  },
  {
    when: "an extension does not work yet, which is waited for",
    recorded: () =>
      after(
        (model) =>
          void (model.databases = model.databases.map((database) => ({
            ...database,
            ...(database.name === "keybuzz" ? { vectorWorks: false } : {}),
          }))),
      ),
    verdicts: ["Progressing/InProgress", SOUND, SOUND],
  },
  {
    when: "an extension is nowhere to be had, which only a person mends",
    recorded: () => after((model) => void (model.host("db-slave-01").codename = "bookworm")),
    verdicts: ["Degraded/Failed", SOUND, SOUND],
  },
  {
    when: "a step failed and is tried again",
    recorded: () => after(replicaStopped, AMENDED.stepFailed),
    verdicts: ["Progressing/InProgress", "Progressing/InProgress", "Progressing/InProgress"],
  },
  {
    when: "somebody undoes each step, whom a person has to find",
    recorded: () => after(replicaStopped, AMENDED.stepUndone),
    verdicts: ["Degraded/Failed", "Degraded/Failed", "Degraded/Failed"],
  },
  {
    when: "something was waited for in vain",
    recorded: () => after(replicaStopped, AMENDED.overdue),
    verdicts: ["Degraded/Failed", "Degraded/Failed", "Degraded/Failed"],
  },
  {
    when: "it is paused, and hosts differ",
    recorded: () => after(replicaStopped, AMENDED.paused),
    verdicts: ["Suspended/InProgress", "Suspended/Current", "Suspended/Current"],
  },
  {
    when: "it is observed only",
    recorded: () => after(() => undefined, AMENDED.observeOnly),
    verdicts: ["Suspended/Current", "Suspended/Current", "Suspended/Current"],
  },
];

/** Both verdicts on each object, which must not contradict each other. */
async function wordsOn(objects: readonly Recorded["object"][]): Promise<readonly string[]> {
  const verdicts = await verdictsOn(objects as readonly Observed[]);
  assert.deepEqual(verdicts.flatMap(contradictions), []);
  return verdicts.map(({ argo, kstatus }) => `${argo.status}/${kstatus}`);
}

for (const { when, recorded, verdicts } of SITUATIONS) {
  test(`Argo CD and kstatus when ${when}`, async () => {
    assert.deepEqual(await wordsOn((await recorded()).map(({ object }) => object)), verdicts);
  });
}

test("every host of a kind away is no failure: they may come back", async () => {
  const stacks = await Promise.all(
    [
      ["db-master-01", "db-slave-01", "db-slave-02"],
      ["proxy-01", "proxy-02"],
    ].map((hosts) => after((model) => hosts.forEach((host) => away(host)(model)))),
  );
  const verdicts = await wordsOn(stacks.flat().map(({ object }) => object));
  assert.ok(
    verdicts.every((verdict) => !verdict.endsWith("/Failed")),
    verdicts.join(" "),
  );
  assert.ok(verdicts.some((verdict) => verdict !== SOUND));
});

test(
  "from bare hosts to Ready, step by step, Argo CD never calls a sync failed and kstatus " + "nothing Failed",
  async () => {
    const model = new ModelWorld(sampleStack());
    const all: Recorded[] = [];
    let pass = await planOf(model);
    for (let [step] = inOrder(pass.plan); step !== undefined; [step] = inOrder(pass.plan)) {
      all.push(...recordedFrom(pass));
      await model.take(step, pass);
      pass = await passOver(model.stack, model.world, model.looks());
      await recordSeen(pass, model.world.store);
    }
    const verdicts = await wordsOn([...all, ...recordedFrom(pass)].map(({ object }) => object));
    assert.ok(verdicts.length > 100, `${verdicts.length} statuses`);
    assert.deepEqual(new Set(verdicts), new Set(["Progressing/InProgress", SOUND]));
    assert.deepEqual(verdicts.slice(-3), [SOUND, SOUND, SOUND]);
  },
);

for (const heals of [true, false]) {
  test(
    "a resource that was refused " +
      `${heals ? "until something else appears is Progressing" : "until a person acts is Degraded, and Failed at once"}`,
    async () => {
      const objects = KINDS.map(
        (kind) =>
          refused(kind, {
            reason: "InvalidSpec",
            message: "port 5432 is taken twice\nchoose another",
            heals,
            about: "SpecValid",
          }).object,
      );
      assert.deepEqual(
        await wordsOn(objects),
        objects.map(() => (heals ? "Progressing/InProgress" : "Degraded/Failed")),
      );
      assert.equal((await healthOf(objects))[0]?.message, "port 5432 is taken twice choose another");
    },
  );
}

test("a resource that nobody has looked at is Progressing to Argo CD", async () => {
  const objects = KINDS.flatMap((kind) => [
    bare(kind),
    { ...bare(kind), status: {} },
    { ...bare(kind), status: { observedGeneration: 3 } },
  ]);
  assert.deepEqual(new Set((await healthOf(objects)).map(({ status }) => status)), new Set(["Progressing"]));
});

test("a status about an older spec counts for nothing, whatever it says", async () => {
  const amendments = [undefined, ...Object.values(AMENDED)];
  const recorded = (await Promise.all(amendments.map((amend) => after(() => undefined, amend)))).flat();
  const edited = recorded.map(({ object }) => ({ ...object, metadata: { ...object.metadata, generation: 4 } }));
  assert.deepEqual(new Set(await wordsOn(edited)), new Set(["Progressing/InProgress"]));
});

test("argocd-cm has health.lua for each kind, to the letter", async () => {
  const map = load(await readFile(`${REPOSITORY}manifests/argocd/argocd-cm.yaml`, "utf8")) as {
    readonly data: Readonly<Record<string, string>>;
  };
  const script = await readFile(HEALTH_SCRIPT, "utf8");
  assert.deepEqual(
    map.data,
    Object.fromEntries(KINDS.map((kind) => [`resource.customizations.health.pgha.keybuzz.io_${kind}`, script])),
  );
});

const REFUSED_SCRIPTS: Readonly<Record<string, readonly [string, RegExp]>> = {
  "the string library": ['return { status = string.upper("healthy"), message = "" }', /string/],
  "methods of strings": ['return { status = ("healthy"):upper(), message = "" }', /upper|index/],
  "the os library": ['return { status = os.date(), message = "" }', /os/],
  "more than a second": ["while true do end", /more than a second/],
};
for (const [what, [script, says]] of Object.entries(REFUSED_SCRIPTS)) {
  test(`the Lua of these tests has not got ${what}, like Argo CD's`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "pgha-lua-"));
    try {
      await writeFile(join(folder, "script.lua"), script);
      await assert.rejects(healthOf([{}], join(folder, "script.lua")), says);
    } finally {
      removeFolder(folder);
    }
  });
}
