import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { announcer } from "../../../src/operator/events.ts";
import { hindrancesOf, tellHindrances } from "../../../src/operator/visit/announce.ts";
import type { Admitted } from "../../../src/operator/visit/admit.ts";
import type { Hindrance } from "../../../src/operator/visit/memory.ts";
import { tellLeader, tellOutcome } from "../../../src/operator/visit/outcome.ts";
import type { Visit } from "../../../src/operator/visit/parts.ts";
import type { Plan, Step } from "../../../src/plan/plan.ts";
import type { EventToRecord } from "../../../src/runtime/event.ts";
import { jsonLog } from "../../../src/runtime/log.ts";
import type { StoredResource, StoredStatus } from "../../../src/state/live-resource.ts";
import { sampleStack } from "../../model/sample-stack.ts";
import { stored } from "./fake-kube.ts";

const [cluster] = sampleStack().clusters;
assert.ok(cluster);
const resource = stored(cluster);
const EMPTY: Plan = { steps: [], waits: [], blockers: [], warnings: [] };
const OF = { kind: "PostgresHACluster", namespace: "db", name: "keybuzz-pg" };

function telling() {
  const events: string[] = [];
  const lines: string[] = [];
  const record = ({ type, reason, note }: EventToRecord<string>): void => void events.push(`${type} ${reason} ${note}`);
  const told = announcer(
    { record, flush: () => Promise.resolve() },
    jsonLog((line) => void lines.push(line), Date.now),
  );
  return {
    announcer: told,
    events,
    /** Each line without its time. */
    log: () =>
      lines.map((line) => {
        const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
        assert.equal(typeof time, "string");
        return rest;
      }),
    /** Each line in short. */
    words: () =>
      lines.map((line) => {
        const { level, reason, host, message } = JSON.parse(line) as Record<string, string>;
        return `${level} ${reason} ${host ?? "-"}: ${message}`;
      }),
  };
}

const step = (host: string | undefined, name: string): Step => ({
  id: `${host ?? "controller"}/x/${name}`,
  resource: "PostgresHACluster/keybuzz-pg",
  host,
  stage: "services",
  change: { kind: "restart-unit", unit: name },
  because: "its file changed",
  impact: "restart",
});

describe("the operator's log", () => {
  it("has a line for each act, where the events of a resource have one for each kind of act", () => {
    const { announcer: told, events, log } = telling();
    told.done(resource, [step("db-1", "patroni.service"), step("db-2", "patroni.service")]);
    assert.deepEqual(events, ["Normal UnitRestarted db-1: restart patroni.service; db-2: restart patroni.service"]);
    assert.deepEqual(
      log(),
      ["db-1", "db-2"].map((host) => ({
        level: "info",
        message: "restart patroni.service: its file changed",
        ...OF,
        host,
        reason: "UnitRestarted",
        action: "Apply",
      })),
    );
  });

  it("has refusals once, when they are over, and again when they come back", () => {
    const { announcer: told, events, words } = telling();
    const memory = { told: new Map<string, Hindrance>() };
    const live = { current: () => resource } as never;
    const blocked = (percent: number): Plan => ({
      ...EMPTY,
      blockers: [
        {
          resource: "x",
          host: "db-1",
          reason: "DiskFull",
          why: `/ is ${percent} % full`,
          wayOut: "Free some",
          scope: "host",
        },
      ],
    });
    const admitted = { invalid: undefined } as Admitted;
    for (const plan of [blocked(97), blocked(98), EMPTY, EMPTY, blocked(97)])
      tellHindrances(live, { announcer: told }, memory, hindrancesOf(admitted, plan));
    assert.deepEqual(words(), [
      "warn DiskFull db-1: / is 97 % full. Free some",
      "info DiskFull db-1: over: / is 98 % full. Free some",
      "warn DiskFull db-1: / is 97 % full. Free some",
    ]);
    assert.equal(events.length, 2);
  });

  it("tells apart what differs in a name", () => {
    const { announcer: told, words } = telling();
    const live = { current: () => resource } as never;
    const hindrance = (note: string): Hindrance => ({ reason: "PortTaken", action: "Refuse", note });
    tellHindrances(live, { announcer: told }, { told: new Map() }, [
      hindrance("10.0.0.1 has db-1"),
      hindrance("10.0.0.2 has db-1"),
      hindrance("10.0.0.1 has db-2"),
    ]);
    assert.equal(words().length, 3);
  });
});

function visiting(after: StoredStatus, told: ReturnType<typeof telling>): Visit {
  return {
    admitted: { invalid: undefined },
    live: { current: () => ({ ...resource, status: after }) },
    parts: { announcer: told.announcer },
  } as unknown as Visit;
}

const saying = (type: "Ready" | "Stalled", status: "True" | "False", reason: string): StoredStatus => ({
  conditions: [{ type, status, reason, message: "why", lastTransitionTime: "", observedGeneration: 1 }],
});

describe("outcomes", () => {
  it("are told when Ready or its reason changes", () => {
    const told = telling();
    const states = [
      saying("Ready", "False", "ChangesPending"),
      saying("Ready", "False", "ChangesPending"),
      saying("Ready", "False", "NoLeader"),
      saying("Ready", "True", "Converged"),
      saying("Ready", "True", "Converged"),
      saying("Ready", "False", "HostUnreachable"),
    ];
    let before: StoredResource = resource;
    for (const status of states) {
      tellOutcome(visiting(status, told), before, EMPTY);
      before = { ...resource, status };
    }
    assert.deepEqual(told.words(), [
      "info ChangesPending -: not Ready: why",
      "info NoLeader -: not Ready: why",
      "info Converged -: all hosts are as the spec says",
      "warn HostUnreachable -: not Ready: why",
    ]);
    assert.deepEqual(told.events, ["Normal Converged all hosts are as the spec says"]);
  });

  it("are told of a wait that took too long, which no refusal tells", () => {
    const told = telling();
    const stuck = saying("Stalled", "True", "NoLeader");
    tellOutcome(visiting(stuck, told), resource, EMPTY);
    tellOutcome(visiting(stuck, told), { ...resource, status: stuck }, EMPTY);
    tellOutcome(visiting(stuck, told), resource, {
      ...EMPTY,
      blockers: [{ resource: "x", reason: "NoLeader", why: "x", wayOut: "x", scope: "everything" }],
    });
    assert.deepEqual(told.words(), ["warn NoLeader -: why"]);
  });

  it("are told of a failover, and of nobody leading once all have answered", () => {
    const told = telling();
    const memory = { leader: undefined };
    const look = (leader: string | undefined, how: "early" | "whole") =>
      tellLeader(
        visiting({}, told),
        { ...resource, status: { leader: "db-1" } },
        { cluster: leader === undefined ? {} : { leader } } as never,
        memory as never,
        how,
      );
    look("db-1", "whole");
    look(undefined, "early");
    look(undefined, "whole");
    look("db-2", "early");
    look("db-2", "whole");
    assert.deepEqual(told.words(), [
      "warn NoLeader -: nobody is known to lead, after db-1",
      "info LeaderChanged db-2: db-2 leads",
    ]);
    assert.deepEqual(told.events, [
      "Warning NoLeader nobody is known to lead, after db-1",
      "Normal LeaderChanged db-2 leads",
    ]);
  });
});
