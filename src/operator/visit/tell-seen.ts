import { whyHandsOff } from "../../api/annotations.ts";
import { waitingFor } from "../../apply/ending.ts";
import type { Next } from "../../apply/ending.ts";
import { AWAY_POLL_MS } from "../../apply/patience.ts";
import { nextWave } from "../../plan/wave.ts";
import { partOf } from "../../reconcilers/reconcile.ts";
import type { Pass } from "../../reconcilers/reconcile.ts";
import { keepSecrets, recordSeen } from "../../reconcilers/record.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import { LeadershipLostError } from "../../runtime/reconcile-context.ts";
import type { PartOutcome } from "../../runtime/requeue.ts";
import { forgetHosts } from "../hosts/forget-hosts.ts";
import { acceptedText } from "../resources/accepted.ts";
import { storedStatus } from "../status/stored-status.ts";
import { hindrancesOf, tellHindrances } from "./announce.ts";
import { noteHosts } from "./hosts-seen.ts";
import { tellLeader, tellOutcome } from "./outcome.ts";
import { askedOf, labelsOf } from "./parts.ts";
import type { Seen, Visit } from "./parts.ts";
import { refuse } from "./refuse.ts";
import { reportOf } from "./report-of.ts";
import { unbuilt } from "./unbuilt.ts";

/**
 * What of a look is about one resource. It is not touched while a person asks for that, while its spec is not valid,
 * and while nothing can be made of it.
 */
export function seenOf(visit: Visit, whole: Pass): Seen {
  const { name, live, memory, admitted } = visit;
  const pass = partOf(whole, name);
  const stored = live.current();
  return {
    ...visit,
    pass,
    plan: pass.plan,
    patience: memory.patience,
    asked: askedOf(stored),
    waitsUntil: stored.status?.waiting?.until,
    handsOff: admitted.invalid !== undefined || whyHandsOff(stored) !== undefined || !pass.statuses.has(name),
  };
}

/** What a look has told so far. What cannot be written now is written after the whole look. */
export async function tellEarly(visit: Visit, soFar: Pass): Promise<void> {
  const seen = seenOf(visit, soFar);
  if (!seen.pass.statuses.has(visit.name)) return;
  const { plan, patience, waitsUntil } = seen;
  const now = visit.parts.clock.now();
  const wave = nextWave(plan);
  const next: Next =
    wave.kind === "wait" ? waitingFor(patience.timesOf(wave.waits, now, waitsUntil), now) : { kind: "blocked", plan };
  await writeStatus(seen, next, "early").catch((error: unknown) => {
    if (error instanceof LeadershipLostError) throw error;
  });
}

/** Says what was seen of a resource. Undefined when it may go on. */
export async function tellSeen(seen: Seen, next: Next): Promise<PartOutcome | undefined> {
  const { name, admitted, live, memory, parts, pass } = seen;
  if (!pass.statuses.has(name)) return refuse(live, admitted.invalid ?? unbuilt(pass), parts);
  memory.thrown = undefined;
  if (admitted.invalid === undefined) await record(seen);
  if (await forgetHosts(seen, pass)) return { kind: "again", afterMs: 1 };
  noteHosts(seen, pass);
  seen.context.assertMayAct();
  await writeStatus(seen, next, "whole");
  memory.lookedAtMs = parts.clock.now();
  tellHindrances(live, parts, memory, hindrancesOf(admitted, pass.plan));
  if (admitted.invalid !== undefined && memory.unseen.size > 0) return { kind: "settled", pollMs: AWAY_POLL_MS };
  return seen.handsOff === true ? { kind: "settled" } : undefined;
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

async function writeStatus(seen: Seen, next: Next, look: "early" | "whole"): Promise<void> {
  const { kind, name, live, parts, admitted, memory, pass } = seen;
  const before = live.current();
  const report = reportOf(seen, pass, next);
  const status = storedStatus(kind, report, before.status, parts.clock.now());
  const accepted = admitted.invalid === undefined ? undefined : parts.accepted.of(before);
  await live.writeStatus(accepted === undefined ? status : { ...status, acceptedSpec: acceptedText(accepted) });
  const labels = labelsOf(kind, keyOf(before));
  const looks = pass.looks.get(name) ?? new Map<string, { readonly seen: boolean }>();
  parts.metrics.stored(labels, live.current());
  parts.metrics.seen(labels, report, new Set([...looks].flatMap(([host, one]) => (one.seen ? [] : [host]))));
  tellLeader(seen, before, report, memory, look);
  tellOutcome(seen, before, pass.plan);
  if (next.kind === "done" && admitted.invalid === undefined) parts.metrics.succeeded(labels, parts.clock.now());
}
