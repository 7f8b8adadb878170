import { hostsOf } from "../../src/api/index.ts";
import type { PostgresHACluster, Resource } from "../../src/api/index.ts";
import { isHostChange } from "../../src/changes/table.ts";
import type { Look } from "../../src/facts/fact.ts";
import { keepLast } from "../../src/keep-last.ts";
import type { SqlDatabaseFact, SqlRoleFact } from "../../src/facts/types.ts";
import type { Step } from "../../src/plan/plan.ts";
import { resourcesOf } from "../../src/reconcilers/stack.ts";
import type { Pass, StackLooks } from "../../src/reconcilers/reconcile.ts";
import type { Stack } from "../../src/reconcilers/stack.ts";
import { recordChange } from "../../src/reconcilers/record.ts";
import type { World } from "../../src/reconcilers/world.ts";
import { memoryStore } from "../../src/state/index.ts";
import { baseFacts } from "./model-base.ts";
import { hostFacts } from "./model-host-facts.ts";
import { ModelHost } from "./model-host.ts";
import { imageFacts } from "./model-image.ts";
import type { ImageArchive } from "../../src/desired/image.ts";
import { memberFacts } from "./model-member-facts.ts";
import { giveUpCopy } from "./model-copy.ts";
import { loopOf, patroniRound, replicate, serves } from "./model-patroni.ts";
import { checkServers, proxyFacts } from "./model-proxy.ts";
import { poolerFacts } from "./model-pooler.ts";
import { drainReaders, endDrain, endLeases, handOver, holdWays, letGo, returnReaders } from "./model-switchover.ts";
import { assertMay, digestOf, takeInCluster } from "./model-sql.ts";
import { ModelStepError, PATRONI } from "./model-units.ts";

const PYSYNCOBJ = {
  name: "PySyncObj",
  path: "/opt/pgha/pysyncobj-0.3.17",
  tarGz: new Uint8Array(),
  sha256: "0".repeat(64),
};
export const SYSTEM_ID = "7400000000000000001";

/** What goes on by itself while nothing changes. */
const TIMELESS = { loopsAt: 0, dcsSeenAt: 0, position: 0, timeline: 0, checks: new Map(), configuration: {} };

/**
 * A world in which changes do what they say, without a host: the other half of the plan's properties. By itself it has
 * all come of a step that comes of it; with `byTheClock`, time passes only in `tick`, and what is seen is as old as it
 * would be: a HAProxy's view of who leads, what a member read of the dynamic configuration.
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
  byTheClock = false;
  /** Milliseconds since the epoch. */
  clock = 1_700_000_000_000;
  /** Who holds the leader key, and until when it lives unless it is renewed. */
  key: { readonly holder: string; readonly until: number } | undefined;
  /** The cluster that RAFT knows of. */
  initialize: string | undefined;
  timeline = 0;
  bootstraps = 0;
  /** Files of images, by path or recipe. */
  readonly archives = new Map<string, ImageArchive>();

  constructor(stack: Stack) {
    this.stack = stack;
    const names = resourcesOf(stack).flatMap((resource) => hostsOf(resource).map((host) => host.name));
    this.hosts = new Map(names.map((name) => [name, new ModelHost(name)]));
    const store = memoryStore();
    this.world = {
      store,
      owner: "the model",
      now: () => this.clock,
      secrets: () => store.readSecrets(),
      artifacts: () => Promise.resolve(PYSYNCOBJ),
      images: async (asked) => this.archives.get("recipe" in asked ? asked.recipe : asked.path),
      built: keepLast(),
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
      roles: [...this.roles],
      databases: [...this.databases],
      byTheClock: this.byTheClock,
      clock: this.clock,
      key: this.key,
      initialize: this.initialize,
      timeline: this.timeline,
      bootstraps: this.bootstraps,
      archives: this.archives,
    });
  }

  /** All that a spec decides about, to compare two worlds with. */
  get state(): unknown {
    const byName = (left: { readonly name: string }, right: { readonly name: string }): number =>
      left.name < right.name ? -1 : 1;
    return {
      hosts: new Map(
        [...this.hosts].map(([name, host]) => {
          const files = new Map([...host.files].map(([path, file]) => [path, { ...file, revision: 0 }]));
          return [name, Object.assign(host.copy(), TIMELESS, { files })];
        }),
      ),
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

  /** Takes a step, and lets all that comes of it come. */
  async take(step: Step, pass: Pass): Promise<void> {
    this.begin(step);
    await this.end(step, pass);
    this.settle();
  }

  /** A step that a host has begun, with what it takes out of service until it is over. */
  begin({ change, host }: Step): void {
    if (!isHostChange(change)) return;
    if (!this.host(host).reachable) throw new ModelStepError(`${host ?? ""} is away`);
    assertMay(this, this.host(host), change);
    drainReaders(this, change);
    if (change.kind === "switch-over") holdWays(this, change);
    this.host(host).begin(change);
    giveUpCopy(this.host(host), change);
  }

  /** The same step once it is over. */
  async end({ change, host, resource }: Step, pass: Pass): Promise<void> {
    if (!isHostChange(change)) return recordChange(change, resource, pass, this.world);
    if (!this.host(host).powered) throw new ModelStepError(`${host ?? ""} is off`);
    returnReaders(this, change);
    if (change.kind === "switch-over") return handOver(this, change);
    if (change.kind === "end-drain") return endDrain(this.host(host));
    if (change.kind === "resume-pooler") return letGo(this, host ?? "");
    const verifierOf = (role: string): string => digestOf(role, pass.materialFor(resource));
    if (!takeInCluster(this, change, verifierOf)) this.host(host).take(change);
    // Its answer comes when PostgreSQL is up again.
    const [cluster] = this.stack.clusters;
    if ((change.kind === "restart-member" || change.kind === "move-member") && cluster !== undefined)
      patroniRound(this, cluster, this.host(host));
  }

  /** Time passes: Patroni's loops and HAProxy's checks come round, who leads is written to. */
  tick(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      this.clock += 1000;
      endLeases(this);
      for (const cluster of this.stack.clusters) {
        for (const { name } of cluster.spec.hosts) {
          const host = this.host(name);
          if (!host.active.has(PATRONI) || host.loopsAt > this.clock) continue;
          if (host.loopsAt === 0) host.dcsSeenAt = this.clock;
          patroniRound(this, cluster, host);
          host.loopsAt = this.clock + loopOf(host);
        }
        replicate(this, cluster, 1);
        checkServers(this, cluster);
      }
    }
  }

  /** Lets pass as much time as it takes until all that comes by itself has come. */
  settle(): void {
    for (let round = 0; round < 5; round += 1) {
      for (const host of this.hosts.values()) host.loopsAt = Math.min(host.loopsAt, this.clock);
      this.tick(1);
      this.clock += 10_000;
    }
    endLeases(this);
  }

  /** Members with a running Patroni that hear this one, itself among them. */
  heardBy(cluster: PostgresHACluster, host: ModelHost): readonly ModelHost[] {
    if (host.isolated) return host.active.has(PATRONI) ? [host] : [];
    const names = new Set([...cluster.spec.hosts.map(({ name }) => name), ...this.voters.keys()]);
    return [...names]
      .flatMap((name) => this.hosts.get(name) ?? [])
      .filter((other) => !other.isolated && other.active.has(PATRONI));
  }

  newSystemId(): string {
    this.bootstraps += 1;
    return this.bootstraps === 1 ? SYSTEM_ID : `${SYSTEM_ID.slice(0, -2)}${this.bootstraps + 10}`;
  }

  leader(cluster: PostgresHACluster): ModelHost | undefined {
    return cluster.spec.hosts
      .map(({ name }) => this.host(name))
      .find((host) => host.role === "primary" && serves(host));
  }

  looks(): StackLooks {
    return new Map<string, ReadonlyMap<string, Look<never>>>([
      ...this.stack.baselines.map(
        (baseline) => [`HostBaseline/${baseline.metadata.name}`, this.#lookEach(baseline, baseFacts)] as const,
      ),
      ...this.stack.clusters.map(
        (cluster) =>
          [
            `PostgresHACluster/${cluster.metadata.name}`,
            this.#lookEach(cluster, (host) => memberFacts(this, cluster, host)),
          ] as const,
      ),
      ...this.stack.haproxyPools.map(
        (pool) =>
          [`HAProxyPool/${pool.metadata.name}`, this.#lookEach(pool, (host) => proxyFacts(this, host))] as const,
      ),
      ...this.stack.pgbouncerPools.map(
        (pool) =>
          [`PgBouncerPool/${pool.metadata.name}`, this.#lookEach(pool, (host) => poolerFacts(this, host))] as const,
      ),
    ]);
  }

  #lookEach(resource: Resource, facts: (host: ModelHost) => object): ReadonlyMap<string, Look<never>> {
    return new Map(
      hostsOf(resource).map(({ name }) => {
        const host = this.host(name);
        return [
          name,
          host.reachable
            ? {
                seen: true,
                host: name,
                facts: { ...hostFacts(host), ...imageFacts(resource, host, this.archives), ...facts(host) } as never,
              }
            : { seen: false, host: name, reason: "HostUnreachable", message: "no route" },
        ];
      }),
    );
  }
}
