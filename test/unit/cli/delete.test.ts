import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { TestContext } from "node:test";
import { createSecret, desiredSecrets } from "../../../src/credentials/index.ts";
import type { PostgresHACluster } from "../../../src/api/index.ts";
import { loadManifestText } from "../../../src/api/load.ts";
import type { FakeOptions, Ran } from "./fake-environment.ts";
import { pgha } from "./fake-environment.ts";
import { fakeEngine } from "./fake-services.ts";
import type { Script } from "./fake-services.ts";
import { manifestFolder } from "./manifest-folder.ts";

type Policies = Readonly<Record<string, object>>;

/** The sound stack with other specs, its engine, and one run of pgha delete over it. */
function given(context: TestContext, specs: Policies, script: Script = {}) {
  const folder = manifestFolder(context);
  const file = join(folder, "pgha.yaml");
  const documents = readFileSync(file, "utf8")
    .split("\n---\n")
    .map((text) => JSON.parse(text) as { readonly kind: string; readonly spec: object });
  const edited = documents.map((one) => ({ ...one, spec: { ...one.spec, ...specs[one.kind] } }));
  writeFileSync(file, edited.map((one) => JSON.stringify(one)).join("\n---\n"));
  const engine = fakeEngine(script);
  const { resources } = loadManifestText(readFileSync(file, "utf8"), "sample");
  const names = Object.fromEntries(resources.map(({ kind, metadata }) => [kind, metadata.name]));
  const run = async (words: readonly string[] = [], options: FakeOptions = {}): Promise<Ran> =>
    pgha(["delete", ...words], {
      workingDirectory: folder,
      services: engine.services,
      variables: { NO_COLOR: "1" },
      ...options,
    });
  const removals = (): readonly string[] => engine.calls.filter((call) => call.startsWith("remove"));
  return { ...engine, run, removals, resources, names };
}

const all = (deletionPolicy: "Retain" | "Stop" | "Purge"): Policies => ({
  ...Object.fromEntries(["HAProxyPool", "PgBouncerPool"].map((kind) => [kind, { deletionPolicy }])),
  PostgresHACluster: { deletionPolicy, ...(deletionPolicy === "Purge" ? { purgeConfirmation: "main" } : {}) },
});

describe("pgha delete", () => {
  it("leaves what is retained as it is, which is the default, and asks nothing", async (context) => {
    const { run, calls, removals } = given(context, {});
    const { code, stdout } = await run();
    assert.equal(code, 0);
    assert.match(stdout, /PgBouncerPool\/\S+, Retain: nothing is done; .* serve as before/);
    assert.deepEqual([removals(), calls.includes("look")], [[], false]);
  });

  it("takes poolers first, then proxies, then the cluster, once a person said yes", async (context) => {
    for (const [typed, expected] of [
      ["n\n", []],
      ["\n", []],
      ["y\n", ["remove PgBouncerPool Stop", "remove HAProxyPool Stop", "remove PostgresHACluster Stop"]],
    ] as const) {
      const { run, removals } = given(context, all("Stop"));
      const { code, stdout } = await run([], { terminal: true, typed });
      assert.deepEqual(removals(), expected);
      assert.equal(code, expected.length === 0 ? 1 : 0);
      assert.match(stdout, /is stopped on .* and stays so; files and data stay/);
    }
  });

  it("touches nothing where there is nobody to ask, unless --yes", async (context) => {
    const { run, removals } = given(context, all("Stop"));
    const { code, stderr } = await run();
    assert.deepEqual([code, removals()], [1, []]);
    assert.match(stderr, /run pgha delete --yes/);
    assert.equal((await run(["--yes"])).code, 0);
    assert.equal(removals().length, 3);
  });

  it(
    "deletes data only for who types the cluster's name, or names it with --purge; --yes is " + "not enough",
    async (context) => {
      const { run, removals, names } = given(context, all("Purge"));
      const cluster = names["PostgresHACluster"] ?? "";
      for (const typed of ["y\n", "yes\n", `${cluster}x\n`, "\n"])
        assert.equal((await run(["--yes"], { terminal: true, typed })).code, 1, typed);
      const { stderr } = await run(["--yes"]);
      assert.ok(stderr.includes(`--yes --purge ${cluster}`), stderr);
      assert.deepEqual(removals(), []);
      const { code, stdout } = await run([], { terminal: true, typed: `${cluster}\n` });
      assert.equal(code, 0);
      assert.match(stdout, /All data of \S+ will be gone/);
      assert.equal(removals().length, 3);
      assert.equal((await run(["--yes", "--purge", cluster])).code, 0);
    },
  );

  it("keeps Secrets and records as long as the data, and takes those that pgha made with it", async (context) => {
    for (const policy of ["Stop", "Purge"] as const) {
      const { run, store, resources, names } = given(context, all(policy));
      const cluster = names["PostgresHACluster"] ?? "";
      const [wish] = desiredSecrets(resources.find((one) => one.kind === "PostgresHACluster") as PostgresHACluster, {
        haproxy: [],
        pgbouncer: [],
      });
      assert.ok(wish);
      await store.writeSecret(createSecret(wish));
      await store.writeSecret({ ...createSecret(wish), name: "mine", labels: {} });
      await store.writeRecord("PostgresHACluster", cluster, { hosts: {}, systemId: "7" });
      assert.equal((await run(["--yes", "--purge", cluster])).code, 0);
      const kept = policy === "Stop";
      assert.deepEqual([...(await store.readSecrets()).keys()], kept ? [wish.name, "mine"] : ["mine"]);
      assert.equal((await store.readRecord("PostgresHACluster", cluster)).systemId, kept ? "7" : undefined);
    }
  });

  it("is not done while a host is away, says which, and leaves everything behind it", async (context) => {
    const look = { seen: false, host: "proxy-01", reason: "HostUnreachable", message: "no answer" } as const;
    const { run, removals } = given(context, all("Stop"), {
      removal: { away: ["proxy-01"], looks: new Map([["proxy-01", look]]) },
    });
    const { code, stderr } = await run(["--yes"]);
    assert.deepEqual([code, removals()], [1, ["remove PgBouncerPool Stop"]]);
    assert.match(
      stderr,
      /not deleted yet: proxy-01 can't be looked at[\s\S]*no answer \[HostUnreachable\][\s\S]*again/,
    );
  });

  it(
    "refuses what is not there, what others lead to, and what is paused, before anything is " + "looked at",
    async (context) => {
      for (const [specs, words, said] of [
        [all("Stop"), ["HAProxyPool/nobody"], /has no HAProxyPool\/nobody/],
        [all("Stop"), ["nobody"], /has no nobody/],
        [all("Stop"), ["CLUSTER"], /would lead clients to PostgresHACluster\/\S+, which would be gone/],
        [all("Purge"), ["PROXY"], /PgBouncerPool\/\S+ would lead clients to HAProxyPool/],
        [{ PgBouncerPool: { deletionPolicy: "Stop", paused: true } }, [], /PgBouncerPool\/\S+ is paused/],
      ] as const) {
        const { run, calls, names } = given(context, specs);
        const { code, stderr } = await run([
          ...words.map((word) =>
            word === "CLUSTER"
              ? `PostgresHACluster/${names["PostgresHACluster"]}`
              : word === "PROXY"
                ? `haproxypool/${names["HAProxyPool"]}`
                : word,
          ),
          "--yes",
        ]);
        assert.equal(code, 1);
        assert.match(stderr.replaceAll(/\s+/g, " "), said);
        assert.deepEqual(calls, []);
      }
    },
  );

  it("takes one resource alone where nothing leads to it", async (context) => {
    const { run, removals, names } = given(context, all("Stop"));
    assert.equal((await run([`pgbouncerpool/${names["PgBouncerPool"]}`, "--yes"])).code, 0);
    assert.deepEqual(removals(), ["remove PgBouncerPool Stop"]);
  });
});
