import type { Answers, Look } from "../../facts/fact.ts";
import { leftoversFact } from "../../facts/leftovers.ts";
import { unitsFact } from "../../facts/systemd/units.ts";
import { OWN_FILE } from "../../changes/own-file.ts";
import { NOTICES, noticing } from "../../plan/notices.ts";
import type { Blocker, Plan, Step } from "../../plan/plan.ts";
import type { MadeByUs } from "./made-by-us.ts";

export interface RemovalWish {
  /** `Kind/name`. */
  readonly resource: string;
  readonly policy: "Stop" | "Purge";
  readonly made: MadeByUs;
  /** Recorded identifier of the cluster: no other data is ever deleted. */
  readonly systemId: string | undefined;
  /** Stopped last, so that no replica is promoted on the way down. */
  readonly leader: string | undefined;
}

/** What a host is asked before anything is stopped or removed there. */
export function removalQuestions({ made: { unit, files, trees, data } }: Pick<RemovalWish, "made">) {
  return {
    units: unitsFact([{ name: unit }]),
    left: leftoversFact({
      files,
      mark: OWN_FILE,
      trees,
      directories: data === undefined ? [] : [data.directory, ...data.besides],
    }),
  };
}

export type RemovalFacts = Answers<ReturnType<typeof removalQuestions>>;

/**
 * What is still to be stopped and removed, host by host. Hosts out of reach are left out; the others do not wait for
 * them.
 */
export function planRemoval(wish: RemovalWish, looks: ReadonlyMap<string, Look<RemovalFacts>>): Plan {
  const seen = [...looks.values()].flatMap((look) => (look.seen ? [look] : []));
  const running = seen.filter(({ facts }) => mayRun(facts, wish));
  const others = running.filter(({ host }) => host !== wish.leader).map(({ host }) => stopStep(wish, host));
  const leader = running
    .filter(({ host }) => host === wish.leader)
    .map(({ host }): Step => ({ ...stopStep(wish, host), after: others.map(({ id }) => id) }));
  const stops = [...others, ...leader];
  const removals =
    wish.policy === "Purge"
      ? seen.filter((look) => !running.includes(look)).map(({ host, facts }) => removalOf(wish, host, facts))
      : [];
  return {
    steps: [...stops, ...removals.flatMap(({ steps }) => steps)],
    waits: [],
    // Nothing is deleted anywhere before all that can be stopped is.
    blockers: running.length > 0 ? [] : removals.flatMap(({ blockers }) => blockers),
    warnings: [],
  };
}

/** Whether the unit runs, or would after a boot. */
export function mayRun(facts: RemovalFacts, { made: { unit } }: Pick<RemovalWish, "made">): boolean {
  const state = facts.units[unit];
  return (
    state !== undefined &&
    (["active", "activating", "deactivating", "reloading"].includes(state.activeState) ||
      state.unitFileState === "enabled")
  );
}

function stopStep({ resource, made: { unit } }: RemovalWish, host: string): Step {
  return {
    id: `${host}/${resource}/stop ${unit}`,
    resource,
    host,
    stage: "services",
    ...noticing("disruptive", [NOTICES.removed()]),
    change: { kind: "stop-unit", unit },
    because: "the resource is being deleted",
  };
}

function removalOf(
  wish: RemovalWish,
  host: string,
  { left }: RemovalFacts,
): { readonly steps: readonly Step[]; readonly blockers: readonly Blocker[] } {
  const { resource, made, systemId } = wish;
  const steps: Step[] = [];
  const blockers: Blocker[] = [];
  const because = "the resource is being deleted, with deletionPolicy Purge";
  if (made.data !== undefined && left.directories.length > 0) {
    if (systemId === undefined) {
      blockers.push({
        resource,
        host,
        reason: "DataUnknown",
        why:
          `${left.directories.join(" and ")} may hold a database, and no system identifier was ever ` +
          "recorded of this cluster",
        wayOut: "Look at what is in there, and remove it yourself.",
        scope: "host",
      });
    } else {
      steps.push({
        id: `${host}/${resource}/remove data`,
        resource,
        host,
        stage: "data",
        impact: "disruptive",
        change: { kind: "remove-data", data: { ...made.data, systemId, unit: made.unit } },
        because,
      });
    }
  }
  if (left.files.length + left.trees.length > 0) {
    steps.push({
      id: `${host}/${resource}/remove files`,
      resource,
      host,
      stage: "settle",
      impact: "none",
      change: { kind: "remove-own-files", files: left.files, trees: left.trees },
      because,
    });
  }
  return { steps, blockers };
}
