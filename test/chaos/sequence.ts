import { EDIT_NAMES } from "./edits.ts";
import type { EditName } from "./edits.ts";
import { FAULT_NAMES, FAULTS } from "./faults.ts";
import type { Fault, FaultName } from "./faults.ts";
import { Random } from "./random.ts";

/** Whom it concerns: a host by its name, or whoever leads, or follows, when it comes to that. */
export type Place = "leader" | "first standby" | "second standby" | "proxy-01" | "proxy-02";

export type Happening =
  | {
      readonly kind: "fault";
      readonly atMs: number;
      readonly fault: FaultName;
      readonly on: Place;
      /** Whom it does not hear. */
      readonly peer: Place;
      readonly lastsMs: number;
    }
  | { readonly kind: "edit"; readonly atMs: number; readonly edit: EditName; readonly value: number }
  | { readonly kind: "kill"; readonly atMs: number };

/** It comes to do something in between. */
const KILL_AGAIN_MS = 15_000;
const MEMBERS: readonly Place[] = ["leader", "first standby", "second standby"];
const PROXIES: readonly Place[] = ["proxy-01", "proxy-02"];

/**
 * What happens within so many seconds, by a seed alone. One member and one proxy host is broken at a time, since RAFT
 * may lose what it agreed on when a majority loses its power. pgha is killed while it brings about an edit.
 */
export function sequenceOf(seed: number, seconds: number): readonly Happening[] {
  const random = new Random(seed);
  const edits = editsWithin(random, seconds * 1000);
  let killedMs = -KILL_AGAIN_MS;
  const kills = edits.flatMap(({ atMs }): readonly Happening[] => {
    const killMs = atMs + random.between(2, 50) * 100;
    if (random.next() > 0.5 || killMs < killedMs + KILL_AGAIN_MS) return [];
    killedMs = killMs;
    return [{ kind: "kill", atMs: killMs }];
  });
  return [
    ...faultsWithin(random, seconds * 1000, "member", MEMBERS),
    ...faultsWithin(random, seconds * 1000, "proxy", PROXIES),
    ...edits,
    ...kills,
  ].toSorted((one, other) => one.atMs - other.atMs);
}

function faultsWithin(
  random: Random,
  endMs: number,
  on: Fault["on"][number],
  places: readonly Place[],
): readonly Happening[] {
  const possible = FAULT_NAMES.filter((name) => (FAULTS[name] as Fault).on.includes(on));
  const happenings: Happening[] = [];
  for (let atMs = random.between(10, 80) * 100; atMs < endMs;) {
    const fault = random.pick(possible);
    const [least, most] = FAULTS[fault].seconds;
    const lastsMs = random.between(least * 10, most * 10) * 100;
    const place = random.pick(places);
    const peer = random.pick(MEMBERS.filter((other) => other !== place));
    happenings.push({ kind: "fault", atMs, fault, on: place, peer, lastsMs });
    atMs += lastsMs + random.between(40, 140) * 100;
  }
  return happenings;
}

function editsWithin(random: Random, endMs: number): readonly Happening[] {
  const happenings: Happening[] = [];
  for (let atMs = random.between(5, 40) * 100, value = 1; atMs < endMs; value += 1) {
    happenings.push({ kind: "edit", atMs, edit: random.pick(EDIT_NAMES), value });
    atMs += random.between(30, 120) * 100;
  }
  return happenings;
}
