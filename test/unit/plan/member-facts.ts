import { raftWords } from "../../../src/plan/dcs/raft.ts";
import type { Look } from "../../../src/facts/fact.ts";
import type { MemberFacts, MembersWish } from "../../../src/plan/member-facts.ts";

export const ID = "7400000000000000001";

export const WISH: MembersWish = {
  resource: "PostgresHACluster/pg",
  members: [
    { name: "db-1", address: "10.0.0.1" },
    { name: "db-2", address: "10.0.0.2" },
    { name: "db-3", address: "10.0.0.3" },
  ],
  left: [],
  scope: "pg",
  unit: "patroni.service",
  dcs: raftWords({ port: 7000, directory: "/data/raft" }),
  restApiUrl: (member) => `http://${member}:8008`,
  majorVersion: 17,
  dataDirectory: "/data/pgdata",
  systemId: undefined,
  bootstrapIntended: false,
};

export const UNIT = {
  loadState: "loaded",
  subState: "",
  unitFileState: "enabled",
  mainPid: 1,
  needsDaemonReload: false,
  restarts: 0,
  dropIns: [],
  environment: [],
};

/** A member on which nothing was ever started. */
export const BARE: MemberFacts = {
  dataDirectory: { class: "absent", entries: [] },
  dcs: { traces: [] },
  patroni: { answers: false },
  unit: { ...UNIT, activeState: "inactive" },
  sql: undefined,
};

/** A member that holds data and is stopped. */
export const STOPPED: MemberFacts = {
  ...BARE,
  dataDirectory: { class: "valid", entries: ["PG_VERSION"], majorVersion: 17, systemId: ID },
  dcs: { traces: ["10.0.0.1_7000.journal"] },
};

export function running(role: "primary" | "replica", streaming: readonly string[] = []): MemberFacts {
  return {
    ...STOPPED,
    unit: { ...UNIT, activeState: "active" },
    patroni: {
      answers: true,
      member: { state: "running", role, pendingRestart: false, paused: false, tags: {}, systemId: ID },
    },
    sql: {
      inRecovery: role === "replica",
      serverVersion: 170_004,
      roles: [],
      databases: [],
      pendingRestartSettings: [],
      replication: streaming.map((name) => ({ name, state: "streaming" })),
    },
  };
}

/** Patroni runs and has no PostgreSQL yet. */
export function waiting(details: Partial<MemberFacts> = {}): MemberFacts {
  return {
    ...BARE,
    unit: { ...UNIT, activeState: "active" },
    patroni: {
      answers: true,
      member: { state: "stopped", role: "replica", pendingRestart: false, paused: false, tags: {} },
    },
    ...details,
  };
}

export function looks(...facts: readonly (MemberFacts | "away")[]): ReadonlyMap<string, Look<MemberFacts>> {
  return new Map(
    WISH.members.map(({ name }, index): [string, Look<MemberFacts>] => {
      const own = facts[index] ?? "away";
      return [
        name,
        own === "away"
          ? { seen: false, host: name, reason: "HostUnreachable", message: "no route to host" }
          : { seen: true, host: name, facts: own },
      ];
    }),
  );
}
