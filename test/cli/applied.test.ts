import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openFolderStore } from "../../src/state/index.ts";
import { oneHost } from "./one-host.ts";

const APPLIED = {
  postgresql: { version: 17, port: 5432, dataVolume: { mountPath: "/srv/postgres" } },
  patroni: { dcs: { raft: { port: 7000 } } },
};

test(
  "what can't be changed is refused by every command, in the API server's words, before any host is " + "reached",
  async (context) => {
    const host = await oneHost(context);
    const store = await openFolderStore(join(host.folder, ".pgha"));
    await store.writeRecord("PostgresHACluster", "main", {
      hosts: {},
      systemId: "7400000000000000001",
      applied: APPLIED,
    });
    const manifest = join(host.folder, "pgha.yaml");
    const sound = readFileSync(manifest, "utf8");
    for (const [before, after, words] of [
      [
        '"version":17',
        '"version":16',
        /spec\.postgresql\.version: postgresql\.version can't be changed[\s\S]*put the old version back/,
      ],
      [
        '"version":17',
        '"version":17,"port":5434',
        /spec\.postgresql\.port: postgresql\.port can't be changed[\s\S]*put the old port back/,
      ],
      ["/srv/postgres", "/srv/other", /dataVolume\.mountPath can't be changed/],
      ['"patroni":{', '"patroni":{"scope":"other",', /patroni\.scope can't be changed/],
      ['"raft":{', '"raft":{"port":7001,', /raft\.port can't be changed/],
    ] as const) {
      writeFileSync(manifest, sound.replace(before, after));
      for (const command of [["plan"], ["apply", "--yes"], ["status"]]) {
        const { code, stderr } = await host.pgha(...command);
        assert.equal(code, 1, `${command.join(" ")} ${after}`);
        assert.match(stderr, words);
      }
    }
    assert.equal(host.server.counters.connections, 0);
    writeFileSync(manifest, sound);
    await host.pgha("plan");
    assert.equal(host.server.counters.execs, 1, "as it was applied it is looked at");
  },
);
