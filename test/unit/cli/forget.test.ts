import assert from "node:assert/strict";
import { test } from "node:test";
import { pgha } from "./fake-environment.ts";
import { fakeEngine } from "./fake-services.ts";
import { manifestFolder } from "./manifest-folder.ts";

test(
  "a pool that left the manifests is forgotten by its kind and name; one that is there, or another " +
    "cluster's, is not",
  async (context) => {
    const engine = fakeEngine({ apply: async () => ({ kind: "converged" }) });
    const workingDirectory = manifestFolder(context);
    const run = async (...words: readonly string[]) => pgha(words, { workingDirectory, services: engine.services });
    const hosts = { "lb-1": { address: "10.0.0.9", machineId: "m" } };
    await run("apply", "--yes");
    const pool =
      [...((await engine.store.readRecords?.()) ?? new Map()).keys()].find((name) => name.startsWith("HAProxyPool/")) ??
      "";
    const { applied, ports } = await engine.store.readRecord("HAProxyPool", pool.split("/")[1] ?? "");
    assert.deepEqual(ports, [5432, 5433]);
    assert.deepEqual(applied, { clusterRef: { name: "main" } });
    await engine.store.writeRecord("HAProxyPool", "old", { hosts, applied, ports: [5432] });
    await engine.store.writeRecord("HAProxyPool", "theirs", { hosts, applied: { clusterRef: { name: "theirs" } } });
    for (const name of [pool, "HAProxyPool/theirs", "HAProxyPool/unheard-of"]) {
      const { code, stderr } = await run("forget", name);
      assert.equal(code, 1, name);
      assert.match(stderr, /is no pool that left these manifests/);
    }
    assert.equal((await run("forget", "HAProxyPool/old")).code, 0);
    const left = [...((await engine.store.readRecords?.()) ?? new Map<string, unknown>()).keys()];
    assert.deepEqual(
      new Set(left.filter((name) => name.startsWith("HAProxyPool"))),
      new Set([pool, "HAProxyPool/theirs"]),
    );
  },
);
