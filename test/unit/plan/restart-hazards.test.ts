import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SqlFact } from "../../../src/facts/types.ts";
import { restartHazards } from "../../../src/plan/restart-hazards.ts";

/** A leader with two slots of replicas and one for logical replication, two replicas, one prepared transaction. */
const LEADER: SqlFact = {
  inRecovery: false,
  serverVersion: 170_004,
  roles: [],
  databases: [],
  replication: ["b", "c"].map((name) => ({ name, state: "streaming" })),
  pendingRestartSettings: [],
  health: {
    synchronousStandbys: "",
    replayPaused: false,
    connections: 1,
    maximumConnections: 100,
    slots: ["b", "c", "cdc"].map((name) => ({ name, active: true, logical: name === "cdc" })),
    preparedTransactions: 1,
  },
};

const BARE: SqlFact = { ...LEADER, replication: [], health: undefined } as unknown as SqlFact;

describe("what would keep PostgreSQL from starting again", () => {
  const found = (wanted: Readonly<Record<string, number | string>>, sql = LEADER): readonly string[] =>
    restartHazards(wanted, sql).map(({ setting }) => setting);

  for (const [wanted, hazards] of [
    [{}, []],
    [{ wal_level: "logical", max_replication_slots: 3, max_prepared_transactions: 1, max_wal_senders: 2 }, []],
    [{ wal_level: "Logical" }, []],
    [{ wal_level: "replica" }, ["wal_level"]],
    [{ wal_level: "hot_standby" }, ["wal_level"]],
    [{ max_replication_slots: 2 }, ["max_replication_slots"]],
    [{ max_replication_slots: "2" }, ["max_replication_slots"]],
    [{ max_prepared_transactions: 0 }, ["max_prepared_transactions"]],
    [{ max_wal_senders: 1 }, ["max_wal_senders"]],
    [{ wal_level: "replica", max_replication_slots: 0 }, ["wal_level", "max_replication_slots"]],
  ] as const)
    it(`${JSON.stringify(wanted)}: ${hazards.join(", ") || "nothing"}`, () => {
      assert.deepEqual(found(wanted), hazards);
      assert.deepEqual(found(wanted, BARE), []);
    });

  it("names what is in the way, and the way out", () => {
    const [hazard] = restartHazards({ wal_level: "replica" }, LEADER);
    assert.match(hazard?.why ?? "", /logical replication slot cdc$/);
    assert.match(hazard?.wayOut ?? "", /pg_drop_replication_slot\('cdc'\)/);
  });
});
