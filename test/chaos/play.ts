import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "../journeys-kube/stage.ts";
import { EDITS } from "./edits.ts";
import type { ClusterLists, Edit, EditName } from "./edits.ts";
import { FAULTS } from "./faults.ts";
import type { Fault } from "./faults.ts";
import type { Happening, Place } from "./sequence.ts";
import { NAMESPACE } from "./stack.ts";

/** What a sequence is played on. */
export interface Theatre {
  readonly stage: Stage;
  /** Who leads and who follows now; where that is not known, whoever led before. */
  readonly roles: () => ReadonlyMap<Place, string>;
  /** Kills pgha with all that it has in hand, and starts it again. */
  readonly killPgha: () => Promise<void>;
  readonly say: (line: string) => void;
}

/** Plays all of it, each at its time or as soon as the one before of its kind is over; at the end all is healed. */
export async function play(happenings: readonly Happening[], theatre: Theatre): Promise<void> {
  const started = performance.now();
  const tracks = Map.groupBy(happenings, trackOf);
  await Promise.all(
    [...tracks.values()].map(async (track) => {
      for (const happening of track) {
        await sleep(Math.max(0, happening.atMs - (performance.now() - started)));
        await happen(happening, theatre);
      }
    }),
  );
}

/** One thing at a time of these. */
function trackOf(happening: Happening): string {
  return happening.kind === "fault" ? (happening.on.startsWith("proxy") ? "proxy" : "member") : happening.kind;
}

async function happen(happening: Happening, theatre: Theatre): Promise<void> {
  switch (happening.kind) {
    case "fault":
      return breakAndHeal(happening, theatre);
    case "edit":
      return edit(happening, theatre);
    case "kill":
      theatre.say("pgha is killed");
      return theatre.killPgha();
  }
}

async function breakAndHeal(
  { fault: name, on, peer: other, lastsMs }: Extract<Happening, { kind: "fault" }>,
  { stage: { lab }, roles, say }: Theatre,
): Promise<void> {
  const fault: Fault = FAULTS[name];
  const known = roles();
  const [host = on, peer = other] = [known.get(on), known.get(other)];
  const seconds = fault.end === undefined ? "" : `, for ${(lastsMs / 1000).toFixed(1)} s`;
  say(
    `${host}${on === host ? "" : ` (${on})`} ${name}${name === "does not hear another" ? `: ${peer}` : ""}${seconds}`,
  );
  await fault.begin(lab, host, peer);
  await sleep(lastsMs);
  await fault.end?.(lab, host, peer);
  if (fault.end !== undefined) say(`${host} ${name}: over`);
}

async function edit(
  { edit: what, value }: { readonly edit: EditName; readonly value: number },
  { stage, say }: Theatre,
): Promise<void> {
  const { kind, name, patch }: Edit = EDITS[what];
  const { spec } = await stage.read(kind, name, NAMESPACE);
  const words = JSON.stringify(patch(value, spec as ClusterLists));
  say(`edit: ${what}: ${words.length > 140 ? `${words.slice(0, 60)} ... ${words.slice(-70)}` : words}`);
  await stage.kube.kubectl(["patch", kind, name, "-n", NAMESPACE, "--type=merge", "-p", words]);
}
