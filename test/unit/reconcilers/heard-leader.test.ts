import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reason } from "../../../src/reasons.ts";
import type { Look } from "../../../src/facts/fact.ts";
import { passOver } from "../../../src/reconcilers/reconcile.ts";
import type { Pass } from "../../../src/reconcilers/reconcile.ts";
import { convergedWorld } from "../../model/converge.ts";

const pristine = await convergedWorld();
const CLUSTER = "PostgresHACluster/keybuzz-pg";
const HAPROXY = "HAProxyPool/keybuzz-haproxy";
const LEADER = "db-master-01";
const MEMBERS = [LEADER, "db-slave-01", "db-slave-02"];

type Looks = ReadonlyMap<string, Look<never>>;
type Facts = Readonly<Record<string, object>>;

interface Scene {
  /** Why the leader's host cannot be looked at, or what is asked there in vain. */
  readonly leader: Reason | { readonly patroni: object } | { readonly sql: undefined };
  /** Whom another member says to lead. */
  readonly says: (name: string) => string | undefined;
  /** Members that each proxy sends writes to; none where no proxy answers. */
  readonly proxies: readonly (readonly string[])[];
}

async function passAt({ leader, says, proxies }: Scene): Promise<Pass> {
  const model = pristine.copy();
  const looks = new Map(model.looks());
  const patch = (name: string, change: (host: string, facts: Facts, index: number) => Reason | object): void => {
    const own: Looks = looks.get(name) ?? new Map();
    const changed = [...own].map(([host, look], index): [string, Look<never>] => {
      const found = change(host, look.seen ? (look.facts as Facts) : {}, index);
      return typeof found === "string"
        ? [host, { seen: false, host, reason: found as Reason, message: "it cannot be looked at" }]
        : [host, { seen: true, host, facts: found as never }];
    });
    looks.set(name, new Map(changed));
  };
  patch(CLUSTER, (host, facts) => {
    if (host === LEADER) return typeof leader === "string" ? leader : { ...facts, ...leader };
    const cluster = MEMBERS.map((name) => ({
      name,
      role: name === says(host) ? "primary" : "replica",
      state: name === says(host) ? "running" : "streaming",
      address: "10.0.0.1",
      port: 5432,
      pendingRestart: false,
    }));
    return { ...facts, patroni: { ...facts["patroni"], cluster } };
  });
  patch(HAPROXY, (_, facts, index) => {
    const writers = proxies[index];
    if (writers === undefined) return "HostUnreachable";
    const servers = MEMBERS.map((server) => ({
      backend: "postgres_write",
      server,
      status: writers.includes(server) ? "UP" : "DOWN",
    }));
    return { ...facts, haproxy: { ...facts["haproxy"], servers } };
  });
  return passOver(model.stack, model.world, looks);
}

function said(pass: Pass, resource = CLUSTER, of = "Available") {
  const found = pass.statuses.get(resource)?.conditions.find(({ type }) => type === of);
  return found === undefined ? undefined : [found.status, found.reason];
}

const all = () => LEADER;
const SERVING = [[LEADER], [LEADER]];

describe("a leader that pgha cannot look at", () => {
  for (const reason of ["LoginShellUnusable", "PrivilegeMissing", "AuthenticationFailed", "HostKeyChanged"] as const) {
    it(`leads all the same, as the others say (${reason}); no resource says that nobody does`, async () => {
      for (const [proxies, ...word] of [
        [SERVING, "True", "LeaderServes"],
        [[], "Unknown", "LeaderNotSeen"],
      ] as const) {
        const pass = await passAt({ leader: reason, says: all, proxies });
        assert.deepEqual(said(pass), word);
        assert.equal(pass.statuses.get(CLUSTER)?.cluster?.leader, LEADER);
        assert.ok(!pass.plan.waits.some(({ for: what }) => what.includes("a leader")), JSON.stringify(pass.plan.waits));
        assert.deepEqual(said(pass, CLUSTER, "Ready"), ["False", reason]);
        if (proxies.length > 0) assert.deepEqual(said(pass, HAPROXY), ["True", "Serving"]);
      }
    });
  }

  for (const reason of ["HostUnreachable", "HostSlow"] as const) {
    it(`leads as long as HAProxy sends writes there, whatever its machine answers pgha (${reason})`, async () => {
      for (const [says, proxies] of [
        [all, SERVING],
        [all, [[], [LEADER]]],
        [() => undefined, [[LEADER]]],
      ] as const) {
        const pass = await passAt({ leader: reason, says, proxies });
        assert.deepEqual(said(pass), ["True", "LeaderServes"]);
        assert.equal(pass.statuses.get(CLUSTER)?.phase, "Degraded");
        assert.deepEqual(said(pass, CLUSTER, "QuorumHealthy"), ["True", "LeaderKeyHeld"]);
        assert.equal(pass.statuses.get(CLUSTER)?.cluster?.leader, LEADER);
        assert.deepEqual(said(pass, HAPROXY), ["True", "Serving"]);
        assert.deepEqual(said(pass, CLUSTER, "Ready"), ["False", reason]);
        assert.ok(!pass.plan.waits.some(({ reason: why }) => why === "NoLeader"));
      }
    });
  }

  it("may have lost its power: no word of an outage before its key has run out, where no proxy tells", async () => {
    const early = await passAt({ leader: "HostUnreachable", says: all, proxies: [] });
    assert.deepEqual(said(early), ["Unknown", "LeaderNotSeen"]);
    const later = await passAt({ leader: "HostUnreachable", says: () => undefined, proxies: [] });
    assert.deepEqual(said(later), ["False", "NoLeader"]);
  });

  it("is not taken for one by what is old: proxies send writes to none or to several, or others disagree", async () => {
    for (const pass of [
      await passAt({ leader: "HostUnreachable", says: all, proxies: [[], []] }),
      await passAt({ leader: "HostUnreachable", says: all, proxies: [[LEADER], ["db-slave-01"]] }),
      await passAt({
        leader: "LoginShellUnusable",
        says: (name) => (name === "db-slave-01" ? LEADER : undefined),
        proxies: [],
      }),
      await passAt({ leader: "LoginShellUnusable", says: () => undefined, proxies: [] }),
    ])
      assert.deepEqual(said(pass), ["False", "NoLeader"]);
  });

  it("leads, too, where Patroni is too busy to answer while HAProxy sends writes there; it is waited for", async () => {
    const pass = await passAt({ leader: { patroni: { answers: false } }, says: all, proxies: SERVING });
    assert.deepEqual(said(pass), ["True", "LeaderServes"]);
    assert.deepEqual(said(pass, HAPROXY), ["True", "Serving"]);
    assert.deepEqual(said(pass, CLUSTER, "Ready"), ["False", "PatroniNotAnswering"]);
    const replica = { answers: true, member: { state: "running", role: "replica", tags: {}, paused: false } };
    const demoted = await passAt({ leader: { patroni: replica }, says: all, proxies: SERVING });
    assert.deepEqual(said(demoted), ["False", "NoLeader"]);
  });

  it("leads, as Patroni says, while PostgreSQL refuses its superuser: something else than no leader", async () => {
    const pass = await passAt({ leader: { sql: undefined }, says: all, proxies: SERVING });
    assert.deepEqual(said(pass), ["Unknown", "LeaderNotAnswering"]);
    assert.deepEqual(said(pass, HAPROXY), ["True", "Serving"]);
    assert.ok(pass.plan.waits.some(({ reason }) => reason === "LeaderNotAnswering"));
  });
});
