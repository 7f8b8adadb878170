import { createHash } from "node:crypto";
import { load } from "js-yaml";
import { dataDirectoryOf } from "../../src/api/index.ts";
import type { HAProxyPool, PgBouncerPool, PostgresHACluster } from "../../src/api/index.ts";
import type { Look } from "../../src/facts/fact.ts";
import type { SqlDatabaseFact, SqlRoleFact } from "../../src/facts/types.ts";
import type { Step } from "../../src/plan/plan.ts";
import { resourcesOf } from "../../src/reconcilers/stack.ts";
import type { Pass, StackLooks } from "../../src/reconcilers/reconcile.ts";
import type { Stack } from "../../src/reconcilers/stack.ts";
import { recordChange } from "../../src/reconcilers/record.ts";
import type { World } from "../../src/reconcilers/world.ts";
import { memoryStore } from "../../src/state/index.ts";
import { hostFacts } from "./model-host-facts.ts";
import { ModelHost } from "./model-host.ts";
import { modelHba } from "./model-hba.ts";
import { configOf, modelLogins } from "./model-pooler.ts";
import { mergePatch, modelSettings, parametersIn, sharedOf, startPostgres } from "./model-settings.ts";

const PATRONI = "patroni.service";
export const SYSTEM_ID = "7400000000000000001";

/**
 * A world in which changes do what they say, at once and without a host: the other half of the plan's properties.
 * The first member of a cluster becomes its leader as soon as a majority runs.
 */
export class ModelWorld {
  readonly hosts: ReadonlyMap<string, ModelHost>;
  readonly stack: Stack;
  readonly world: World;
  dynamicConfiguration: Record<string, unknown> = {};
  /** Nodes of RAFT by member, once they ran: one that left the list goes on voting. */
  voters: ReadonlyMap<string, string> = new Map();
  roles: SqlRoleFact[] = [];
  databases: SqlDatabaseFact[] = [];

  constructor(stack: Stack) {
    this.stack = stack;
    const names = resourcesOf(stack).flatMap((resource) => resource.spec.hosts.map((host) => host.name));
    this.hosts = new Map(names.map((name) => [name, new ModelHost(name)]));
    const store = memoryStore();
    this.world = {
      store,
      owner: "the model",
      now: () => 1_700_000_000_000,
      secrets: () => store.readSecrets(),
      artifacts: async () => ({
        name: "PySyncObj",
        path: "/opt/pgha/pysyncobj-0.3.17",
        tarGz: new Uint8Array(),
        sha256: "0".repeat(64),
      }),
      shellFor: () => {
        throw new TypeError("a model has no shells");
      },
    };
  }

  /**
   * Another world like this one, of which a manifest may say more. It shares the records and Secrets, which drift in no
   * test.
   */
  copy(stack: Stack = this.stack): ModelWorld {
    const other = new ModelWorld(stack);
    return Object.assign(other, {
      world: this.world,
      hosts: new Map([...other.hosts, ...[...this.hosts].map(([name, host]) => [name, host.copy()] as const)]),
      dynamicConfiguration: this.dynamicConfiguration,
      voters: this.voters,
      roles: this.roles,
      databases: this.databases,
    });
  }

  /** All that a spec decides about, to compare two worlds with. */
  get state(): unknown {
    const byName = (left: { readonly name: string }, right: { readonly name: string }): number =>
      left.name < right.name ? -1 : 1;
    return {
      hosts: this.hosts,
      dynamicConfiguration: this.dynamicConfiguration,
      roles: this.roles.toSorted(byName),
      databases: this.databases.toSorted(byName),
    };
  }

  host(name: string | undefined): ModelHost {
    const host = this.hosts.get(name ?? "");
    if (host === undefined) throw new TypeError(`no host ${name ?? "(none)"}`);
    return host;
  }

  async take(step: Step, pass: Pass): Promise<void> {
    const { change } = step;
    switch (change.kind) {
      case "write-secret":
      case "record-bootstrap-intent":
      case "record-operation":
        await recordChange(change, step.resource, pass, this.world);
        return;
      case "create-role":
      case "alter-role": {
        const digest = createHash("sha256")
          .update(pass.materialFor(step.resource).credentials.roles[change.role.name]?.verifier.reveal() ?? "")
          .digest("hex");
        this.roles = [
          ...this.roles.filter((role) => role.name !== change.role.name),
          { ...change.role, verifierDigest: change.role.login ? digest : "" },
        ];
        return;
      }
      case "create-database":
        this.databases = [
          ...this.databases,
          { name: change.database, owner: change.owner, connectionLimit: change.connectionLimit, extensions: {} },
        ];
        return;
      case "alter-database":
        this.databases = this.databases.map((database) =>
          database.name === change.database
            ? {
                ...database,
                ...(change.owner === undefined ? {} : { owner: change.owner }),
                ...(change.connectionLimit === undefined ? {} : { connectionLimit: change.connectionLimit }),
              }
            : database,
        );
        return;
      case "create-extension":
        this.databases = this.databases.map((database) =>
          database.name === change.database
            ? { ...database, extensions: { ...database.extensions, [change.extension]: "1.0" } }
            : database,
        );
        return;
      case "patch-dynamic-configuration":
        this.dynamicConfiguration = mergePatch(this.dynamicConfiguration, change.patch);
        return;
      default:
        this.host(step.host).take(change);
    }
    this.#live();
  }

  /** What happens by itself: a majority that runs has a leader, and who runs beside it streams. */
  #live(): void {
    const [cluster] = this.stack.clusters;
    if (cluster === undefined) return;
    const running = cluster.spec.hosts
      .map((member) => this.host(member.name))
      .filter((host) => host.active.has(PATRONI));
    if (running.length <= cluster.spec.hosts.length / 2 || !running.includes(this.host(cluster.spec.hosts[0]?.name)))
      return;
    if (Object.keys(this.dynamicConfiguration).length === 0)
      this.dynamicConfiguration = bootstrapOf(this.host(cluster.spec.hosts[0]?.name));
    const { port } = cluster.spec.patroni.dcs.raft;
    this.voters = new Map([
      ...this.voters,
      ...cluster.spec.hosts.map(({ name, address }) => [name, `${address}:${port}`] as const),
    ]);
    for (const host of running) {
      host.dataDirectory = "valid";
      host.systemId = SYSTEM_ID;
      startPostgres(host, parametersIn(this.dynamicConfiguration), host === running[0]);
    }
    // What the leader runs with is replayed by all that stream.
    for (const host of running) host.atLeast = sharedOf(running[0]?.parametersAtStart ?? {});
  }

  looks(): StackLooks {
    return new Map<string, ReadonlyMap<string, Look<never>>>([
      ...this.stack.clusters.map(
        (cluster) =>
          [
            `PostgresHACluster/${cluster.metadata.name}`,
            this.#lookEach(cluster, (host) => this.#memberFacts(cluster, host)),
          ] as const,
      ),
      ...this.stack.haproxyPools.map(
        (pool) =>
          [`HAProxyPool/${pool.metadata.name}`, this.#lookEach(pool, (host) => this.#proxyFacts(host))] as const,
      ),
      ...this.stack.pgbouncerPools.map(
        (pool) =>
          [`PgBouncerPool/${pool.metadata.name}`, this.#lookEach(pool, (host) => this.#poolerFacts(host))] as const,
      ),
    ]);
  }

  #lookEach(
    resource: PostgresHACluster | HAProxyPool | PgBouncerPool,
    facts: (host: ModelHost) => object,
  ): ReadonlyMap<string, Look<never>> {
    return new Map(
      resource.spec.hosts.map(({ name }) => {
        const host = this.host(name);
        return [
          name,
          host.reachable
            ? { seen: true, host: name, facts: { ...hostFacts(host), ...facts(host) } as never }
            : { seen: false, host: name, reason: "HostUnreachable", message: "no route" },
        ];
      }),
    );
  }

  leader(cluster: PostgresHACluster): ModelHost | undefined {
    const first = this.host(cluster.spec.hosts[0]?.name);
    return first.active.has(PATRONI) && first.dataDirectory === "valid" ? first : undefined;
  }

  #memberFacts(cluster: PostgresHACluster, host: ModelHost): object {
    const leader = this.leader(cluster);
    const isLeader = leader === host;
    const runs = host.active.has(PATRONI);
    const serves = runs && host.dataDirectory === "valid";
    return {
      installed: { absent: host.absent, charsets: host.charsets, locales: ["C", "C.utf8", "POSIX"] },
      artifact: host.artifacts.get("/opt/pgha/pysyncobj-0.3.17"),
      dataDirectory: {
        class: host.dataDirectory,
        entries: [],
        ...(host.systemId === undefined
          ? {}
          : { systemId: host.systemId, majorVersion: cluster.spec.postgresql.version }),
        ...(serves ? { postmaster: host.postmaster, atLeast: host.atLeast } : {}),
      },
      dcs: {
        traces: host.journals,
        ...(isLeader ? { status: this.#votes(host) } : {}),
        startDigest: runs
          ? /^PGHA_START=(.*)$/m.exec(host.startedWith.get(PATRONI)?.get("/etc/patroni/pgha-start.env") ?? "")?.[1]
          : undefined,
      },
      patroni: !runs
        ? { answers: false }
        : {
            answers: true,
            dynamicConfig: this.dynamicConfiguration,
            member: {
              state: serves ? "running" : "starting",
              role: isLeader ? "primary" : "replica",
              pendingRestart: serves && isPending(host, cluster, this.dynamicConfiguration),
              paused: false,
              tags: host.patroniTags(),
              ...(host.systemId === undefined ? {} : { systemId: host.systemId }),
            },
          },
      sql: !serves
        ? undefined
        : {
            inRecovery: !isLeader,
            serverVersion: 170_004,
            roles: this.roles,
            databases: this.databases,
            pendingRestartSettings: [],
            settings: modelSettings(host, parametersIn(this.dynamicConfiguration), cluster.spec.postgresql.version),
            written: [],
            hba: modelHba(host, dataDirectoryOf(cluster), cluster.spec.postgresql.version),
            replication: isLeader
              ? cluster.spec.hosts
                  .map(({ name }) => this.host(name))
                  .filter((other) => other !== host && other.active.has(PATRONI))
                  .map((other) => ({ name: other.name, state: "streaming", lagBytes: 0 }))
              : [],
          },
      mount: {
        mounted: true,
        filesystem: "xfs",
        source: "/dev/vdb",
        uuid: `uuid-${host.name}`,
        sizeMiB: 10_000,
        freeMiB: 9_000,
      },
      path: dataDirectoryOf(cluster),
    };
  }

  #votes(own: ModelHost): object {
    const others = [...this.voters].filter(([name]) => name !== own.name);
    return {
      hasQuorum: true,
      partners: others.map(([name, address]) => ({
        address,
        connected: this.hosts.get(name)?.active.has(PATRONI) === true,
      })),
    };
  }

  #proxyFacts(host: ModelHost): object {
    const loaded = (pattern: RegExp): string | undefined =>
      host.loadedMatch("pgha-haproxy.service", "/etc/pgha/haproxy/haproxy.cfg", pattern);
    const description = loaded(/description (\S+)/);
    const [cluster] = this.stack.clusters;
    const leader = cluster === undefined ? undefined : this.leader(cluster);
    return {
      haproxy:
        description === undefined
          ? undefined
          : {
              version: "3.0",
              description,
              maxConnections: Number(loaded(/^frontend write[^]*?maxconn ([0-9]+)/m)),
              servers:
                leader === undefined
                  ? []
                  : [
                      {
                        backend: "postgres_write",
                        server: leader.name,
                        status: "UP",
                        checkStatus: "L7OK",
                        checkDescription: "",
                      },
                    ],
            },
    };
  }

  #poolerFacts(host: ModelHost): object {
    const ini = host.loadedMatch("pgha-pgbouncer.service", "/etc/pgha/pgbouncer/pgbouncer.ini", /^([^]*)$/);
    const [cluster] = this.stack.clusters;
    const roles = (cluster?.spec.roles ?? []).filter(({ login }) => login).map(({ name }) => name);
    return {
      pgbouncer: ini === undefined ? undefined : { version: "1.24.1", ...configOf(host, ini), paused: false },
      logins: modelLogins(host, roles, this.roles, cluster !== undefined && this.leader(cluster) !== undefined),
    };
  }
}

/** What the first leader puts into the DCS: `bootstrap.dcs` of its own file. */
function bootstrapOf(host: ModelHost): Record<string, unknown> {
  const file = load(host.files.get("/etc/patroni/config.yml")?.content ?? "{}") as {
    bootstrap?: { dcs?: Record<string, unknown> };
  };
  return file.bootstrap?.dcs ?? {};
}

/** As Patroni says so: a value that takes a restart is another one than is asked for. */
function isPending(host: ModelHost, { spec }: PostgresHACluster, configuration: Record<string, unknown>): boolean {
  return modelSettings(host, parametersIn(configuration), spec.postgresql.version).some(({ pending }) => pending);
}
