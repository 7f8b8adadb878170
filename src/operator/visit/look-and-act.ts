import { nextWave } from "../../plan/wave.ts";
import { lookAndPlan, partOf } from "../../reconcilers/reconcile.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import { keepSecrets, recordSeen } from "../../reconcilers/record.ts";
import type { Stack } from "../../reconcilers/stack.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import { LeadershipLostError } from "../../runtime/reconcile-context.ts";
import type { PartOutcome } from "../../runtime/requeue.ts";
import { healsByItself } from "../../reasons.ts";
import { whyHandsOff } from "../../api/annotations.ts";
import { acceptedText } from "../resources/accepted.ts";
import { forgetHosts } from "../hosts/forget-hosts.ts";
import { storedStatus } from "../status/stored-status.ts";
import { act } from "./act.ts";
import { hindrancesOf, tellHindrances } from "./announce.ts";
import { noteHosts } from "./hosts-seen.ts";
import { hearOverdue } from "./hear-overdue.ts";
import { tellLeader, tellOutcome } from "./outcome.ts";
import { labelsOf } from "./parts.ts";
import type { Seen, Visit } from "./parts.ts";
import { Patience } from "./patience.ts";
import { refuse } from "./refuse.ts";
import { reportOf } from "./report-of.ts";
import { through } from "./through.ts";
import type { Outcomes } from "./through.ts";
import { unbuilt } from "./unbuilt.ts";
import { awaitSigns } from "./wait.ts";

/** What the others said is told when a host takes longer than any question may take it. */
const SLOW_LOOK_MS = 10_000;
/** Between two looks at a host that is away. */
const UNREACHABLE_POLL_MS = 10_000;

/**
 * Looks at the hosts of several resources of a stack at once, each host once, says what is seen, and takes one wave.
 */
export async function lookAndAct(
  visits: readonly Visit[],
  {
    stack,
    outcomes,
    unlooked,
  }: {
    readonly stack: Stack;
    readonly outcomes: Outcomes;
    readonly unlooked: (one: Visit, error: unknown) => Promise<void>;
  },
): Promise<void> {
  const [first] = visits;
  if (first === undefined) return;
  const { world, context } = first;
  const whole = await lookAndPlan(stack, world, new Set(visits.map(({ name }) => name)), {
    afterMs: SLOW_LOOK_MS,
    tell: async (soFar) => {
      context.assertMayAct();
      for (const visit of visits) await tellEarly(visit, soFar);
    },
  });
  context.assertMayAct();
  const seen = visits.map((visit): Seen => {
    const pass = partOf(whole, visit.name);
    return { ...visit, pass, wave: nextWave(pass.plan) };
  });
  const busy = await through(seen, outcomes, tellSeen, unlooked);
  await act(
    busy.filter(({ wave }) => wave.kind === "steps"),
    whole,
    outcomes,
  );
  await awaitSigns(
    busy.filter(({ wave }) => wave.kind === "wait"),
    outcomes,
  );
}

/** What cannot be written now is written after the whole look. */
async function tellEarly(visit: Visit, soFar: Pass): Promise<void> {
  const pass = partOf(soFar, visit.name);
  if (!pass.statuses.has(visit.name)) return;
  await writeStatus({ ...visit, pass, wave: nextWave(pass.plan) }, "early").catch((error: unknown) => {
    if (error instanceof LeadershipLostError) throw error;
  });
}

/** Says what was seen of a resource. Undefined when there is something to do or to wait for. */
async function tellSeen(seen: Seen): Promise<PartOutcome | undefined> {
  const { name, admitted, live, memory, parts, pass, wave } = seen;
  if (!pass.statuses.has(name)) return refuse(live, admitted.invalid ?? unbuilt(pass), parts);
  memory.thrown = undefined;
  if (admitted.invalid === undefined) await record(seen);
  if (await forgetHosts(seen, pass)) return { kind: "again", afterMs: 1 };
  noteHosts(seen, pass);
  if (admitted.invalid === undefined) await hearOverdue(live, parts, pass, wave, memory);
  seen.context.assertMayAct();
  await writeStatus(seen, "whole");
  memory.lookedAtMs = parts.clock.now();
  tellHindrances(live, parts, memory, hindrancesOf(admitted, pass.plan));
  if (admitted.invalid !== undefined)
    return memory.unseen.size > 0 ? { kind: "settled", pollMs: UNREACHABLE_POLL_MS } : { kind: "settled" };
  if (whyHandsOff(live.current()) !== undefined) return { kind: "settled" };
  switch (wave.kind) {
    case "done":
      memory.patience = new Patience();
      memory.held = undefined;
      return { kind: "settled" };
    case "blocked":
      return pass.plan.blockers.some((blocker) => healsByItself(blocker.reason))
        ? { kind: "settled", pollMs: UNREACHABLE_POLL_MS }
        : { kind: "settled" };
    case "wait":
    case "steps":
      return undefined;
  }
}

/** What was seen for the first time is on the API server before anything is done because of it. */
async function record({ name, live, world, parts, pass }: Seen): Promise<void> {
  const { kind, metadata } = live.current();
  const before = await world.store.readRecord(live.type.kind, metadata.name);
  const withKeys = parts.firstUse.addTo(metadata.namespace ?? "", name, before);
  if (withKeys !== before) await world.store.writeRecord(kind ?? live.type.kind, metadata.name, withKeys);
  await recordSeen(pass, world.store);
  await keepSecrets(pass, world.store, whyHandsOff(live.current()) !== undefined);
}

async function writeStatus(seen: Seen, look: "early" | "whole"): Promise<void> {
  const { kind, name, live, parts, admitted, memory, pass, wave } = seen;
  const before = live.current();
  const report = reportOf(seen, pass, wave, memory);
  const status = storedStatus(kind, report, before.status, parts.clock.now());
  const accepted = admitted.invalid === undefined ? undefined : parts.accepted.of(before);
  await live.writeStatus(accepted === undefined ? status : { ...status, acceptedSpec: acceptedText(accepted) });
  const labels = labelsOf(kind, keyOf(before));
  const looks = pass.looks.get(name) ?? new Map<string, { readonly seen: boolean }>();
  parts.metrics.stored(labels, live.current());
  parts.metrics.seen(labels, report, new Set([...looks].flatMap(([host, one]) => (one.seen ? [] : [host]))));
  tellLeader(seen, before, report, memory, look);
  tellOutcome(seen, before, pass.plan);
  if (wave.kind === "done" && admitted.invalid === undefined) parts.metrics.succeeded(labels, parts.clock.now());
}
