import { createHash } from "node:crypto";
import type { Change } from "../../../src/changes/table.ts";
import type { RoleAttributes } from "../../../src/changes/role-attributes.ts";
import type { DesiredFile } from "../../../src/desired/host.ts";
import type { PathFact } from "../../../src/facts/types.ts";
import type { Impact, Plan, Stage, Step } from "../../../src/plan/plan.ts";

export const NOTHING: Plan = { steps: [], waits: [], blockers: [], warnings: [] };

export const ADDRESSES: ReadonlyMap<string, string> = new Map([
  ["db-1", "10.77.0.11"],
  ["db-2", "10.77.0.12"],
  ["proxy-1", "10.77.0.21"],
]);

export function step(
  host: string | undefined,
  what: string,
  stage: Stage,
  change: Change,
  because: string,
  impact: Impact = "none",
): Step {
  return {
    id: `${host ?? "controller"}/${what}`,
    resource: "PostgresHACluster/pg",
    host,
    stage,
    change,
    because,
    impact,
  };
}

export function file(path: string, content: string, more: Partial<DesiredFile> = {}): DesiredFile {
  return { path, content, owner: "root", group: "root", mode: 0o644, secret: false, ...more };
}

/** What the host has: that content, with root's usual access. */
export function existing(
  content: string,
  more: { readonly owner?: string; readonly group?: string; readonly mode?: number } = {},
): PathFact {
  return {
    kind: "file",
    sha256: createHash("sha256").update(content).digest("hex"),
    owner: "root",
    group: "root",
    mode: 0o644,
    ...more,
  };
}

export const ROLE: RoleAttributes = {
  name: "keybuzz",
  login: true,
  superuser: false,
  createdb: false,
  createrole: false,
  inherit: true,
  replication: false,
  bypassrls: false,
  connectionLimit: -1,
  memberOf: [],
};

const packages = { names: ["patroni"], services: {}, source: "distribution" } as const;

export const CONFIG_BEFORE = "global\n  maxconn 1000\ndefaults\n  timeout connect 5s\n";
export const CONFIG_AFTER = "global\n  maxconn 2000\ndefaults\n  timeout connect 5s\n";

/** A bit of everything: records, two database hosts with the same steps, a proxy with changes that are noticed. */
export const EXAMPLE: Plan = {
  steps: [
    step(
      undefined,
      "secret:pg-superuser",
      "record",
      { kind: "write-secret", secret: "pg-superuser", purpose: "superuser", how: "generate" },
      "there is none yet",
    ),
    ...["db-1", "db-2"].flatMap((host) => [
      step(host, "start:patroni", "services", { kind: "start-unit", unit: "patroni.service" }, "not running"),
      step(
        host,
        "packages",
        "prepare",
        { kind: "install-packages", packages, missing: ["patroni", "postgresql-17"], maskFirst: [] },
        "not installed",
      ),
      step(
        host,
        "file:patroni.yml",
        "prepare",
        {
          kind: "write-file",
          file: file("/etc/pgha/patroni.yml", "scope: pg\nsecret: hunter2\n", { secret: true, mode: 0o600 }),
          before: { kind: "absent" },
        },
        "absent",
      ),
    ]),
    step(
      "proxy-1",
      "file:haproxy.cfg",
      "prepare",
      { kind: "write-file", file: file("/etc/pgha/haproxy.cfg", CONFIG_AFTER), before: existing(CONFIG_BEFORE) },
      "content differs",
    ),
    step(
      "proxy-1",
      "reload:haproxy",
      "services",
      { kind: "reload-unit", unit: "pgha-haproxy.service", reads: [] },
      "the running configuration differs",
      "reload",
    ),
    step(
      "proxy-1",
      "restart:pgbouncer",
      "services",
      { kind: "restart-unit", unit: "pgha-pgbouncer.service" },
      "listen_port can only be changed by a restart",
      "restart",
    ),
  ],
  waits: [
    {
      resource: "PostgresHACluster/pg",
      reason: "NoLeader",
      for: "a leader",
      holds: "data",
      deadlineSeconds: 90,
      wayOut: "look at journalctl -u patroni",
    },
  ],
  blockers: [
    {
      resource: "PostgresHACluster/pg",
      host: "db-2",
      reason: "VolumeMissing",
      why: "nothing is mounted at /data",
      wayOut: "mount the volume there, then run pgha again",
      scope: "everything",
    },
  ],
  warnings: [{ resource: "PostgresHACluster/pg", reason: "UnsafePySyncObj", message: "Patroni calls RAFT deprecated" }],
};
