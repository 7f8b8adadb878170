import type { Kind } from "../../api/index.ts";
import { pauseUntilWorthALook } from "../../apply/pause.ts";
import { nextWave } from "../../plan/wave.ts";
import type { Wave } from "../../plan/wave.ts";
import type { Wait } from "../../plan/plan.ts";
import { lookAndPlan } from "../../reconcilers/reconcile.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import { keepSecrets, recordSeen } from "../../reconcilers/record.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import type { ReconcileResult } from "../../runtime/requeue.ts";
import { healsByItself } from "../../reasons.ts";
import { whyHandsOff } from "../annotations.ts";
import { acceptedText } from "../resources/accepted.ts";
import { forgetHosts } from "../hosts/forget-hosts.ts";
import { storedStatus } from "../status/stored-status.ts";
import { act } from "./act.ts";
import { hindrancesOf, tellHindrances } from "./announce.ts";
import { noteHosts } from "./hosts-seen.ts";
import { waitTimes } from "./memory.ts";
import type { VisitMemory } from "./memory.ts";
import { tellLeader, tellOutcome } from "./outcome.ts";
import { labelsOf } from "./parts.ts";
import type { Visit } from "./parts.ts";
import { Patience } from "./patience.ts";
import { refuse } from "./refuse.ts";
import { reportOf } from "./report-of.ts";
import { unbuilt } from "./unbuilt.ts";

/** Between two looks at something under way: often while it is new, as often as a healthy resource once it is old. */
const WAIT_MS = { young: 1_000, old: 5_000, youngForMs: 60_000 } as const;
/** What the others said is told when a host takes longer than any question may take it. */
const SLOW_LOOK_MS = 10_000;
/** Between two looks at a host that is away. */
const UNREACHABLE_POLL_MS = 10_000;

export async function lookAndAct(visit: Visit): Promise<ReconcileResult> {
  const { admitted, live, context, parts, world } = visit;
  const { stack, name } = admitted;
  const only = new Set([name]);
  const memory = parts.memories.of(`${live.type.kind}/${keyOf(live.current())}`);
  const pass = await lookAndPlan(stack, world, only, {
    afterMs: SLOW_LOOK_MS,
    tell: async (soFar) => {
      context.assertMayAct();
      if (soFar.statuses.has(name)) await writeStatus(visit, soFar, nextWave(soFar.plan), memory, "early");
    },
  });
  context.assertMayAct();
  if (!pass.statuses.has(name)) return refuse(live, admitted.invalid ?? unbuilt(pass), parts);
  if (admitted.invalid === undefined) await record(visit, pass);
  if (await forgetHosts(visit, pass)) return { kind: "again", afterMs: 1 };
  const wave = nextWave(pass.plan);
  noteHosts(visit, pass, memory);
  await writeStatus(visit, pass, wave, memory, "whole");
  memory.lookedAtMs = parts.clock.now();
  tellHindrances(live, parts, memory, hindrancesOf(admitted, pass.plan));
  if (admitted.invalid !== undefined)
    return memory.unseen.size > 0 ? { kind: "settled", pollMs: UNREACHABLE_POLL_MS } : { kind: "settled" };
  if (whyHandsOff(live.current()) !== undefined) return { kind: "settled" };
  switch (wave.kind) {
    case "done":
      memory.patience = new Patience();
      return { kind: "settled" };
    case "blocked":
      return pass.plan.blockers.some((blocker) => healsByItself(blocker.reason))
        ? { kind: "settled", pollMs: UNREACHABLE_POLL_MS }
        : { kind: "settled" };
    case "wait":
      return wait(wave.waits, pass, visit, memory);
    case "steps":
      return act(visit, pass, wave.steps, memory);
  }
}

/** What was seen for the first time is on the API server before anything is done because of it. */
async function record({ admitted, live, world, parts }: Visit, pass: Pass): Promise<void> {
  const { kind, metadata } = live.current();
  const before = await world.store.readRecord(live.type.kind, metadata.name);
  const withKeys = parts.firstUse.addTo(metadata.namespace ?? "", admitted.name, before);
  if (withKeys !== before) await world.store.writeRecord(kind ?? live.type.kind, metadata.name, withKeys);
  await recordSeen(pass, world.store);
  await keepSecrets(pass, world.store, whyHandsOff(live.current()) !== undefined);
}

async function writeStatus(
  visit: Visit,
  pass: Pass,
  wave: Wave,
  memory: VisitMemory,
  look: "early" | "whole",
): Promise<void> {
  const { live, parts, admitted } = visit;
  const kind = live.type.kind as Kind;
  const before = live.current();
  const report = reportOf(visit, pass, wave, memory);
  const status = storedStatus(kind, report, before.status, parts.clock.now());
  const accepted = admitted.invalid === undefined ? undefined : parts.accepted.of(before);
  await live.writeStatus(accepted === undefined ? status : { ...status, acceptedSpec: acceptedText(accepted) });
  const labels = labelsOf(kind, keyOf(before));
  const looks = pass.looks.get(admitted.name) ?? new Map<string, { readonly seen: boolean }>();
  parts.metrics.stored(labels, live.current());
  parts.metrics.seen(labels, report, new Set([...looks].flatMap(([host, look]) => (look.seen ? [] : [host]))));
  tellLeader(visit, before, report, memory, look);
  tellOutcome(visit, before, pass.plan);
  if (wave.kind === "done" && admitted.invalid === undefined) parts.metrics.succeeded(labels, parts.clock.now());
}

/** Watches for signs while the wait is young; a wake in the meantime is heeded afterwards, three seconds later at most. */
async function wait(
  waits: readonly Wait[],
  pass: Pass,
  { live, parts, context }: Visit,
  memory: VisitMemory,
): Promise<ReconcileResult> {
  const [first] = waits;
  if (first === undefined) return { kind: "settled" };
  const now = parts.clock.now();
  const { sinceMs, untilMs } = waitTimes(memory, first, live.current().status?.waiting?.until, now);
  if (now > untilMs) return { kind: "settled" };
  if (now - sinceMs > WAIT_MS.youngForMs) return { kind: "again", afterMs: WAIT_MS.old };
  if ((first.signs ?? []).length === 0) return { kind: "again", afterMs: WAIT_MS.young };
  await pauseUntilWorthALook(waits, pass.shellFor, context.signal);
  return { kind: "again", afterMs: 1 };
}
