import type { ControllerChange } from "../changes/change.ts";
import { completeSecret, createSecret } from "../credentials/index.ts";
import { PghaError } from "../errors.ts";
import type { StateStore } from "../state/index.ts";
import { isDeepStrictEqual } from "node:util";
import type { Pass } from "./reconcile.ts";
import type { World } from "./world.ts";

/**
 * Writes what a look told for the first time: identities that must not change silently from now on. A host that has
 * something in its way is not taken on yet: a volume that is refused is about to be replaced.
 */
export async function recordSeen(pass: Pass, store: StateStore): Promise<void> {
  const refused = new Set(pass.plan.blockers.map((blocker) => blocker.host));
  for (const one of pass.reconcilables) {
    const { kind, metadata } = one.resource;
    const before = await store.readRecord(kind, metadata.name);
    const seen = one.record(pass.looks.get(one.name) ?? new Map(), before);
    // The key of a refused host may be known: it was needed to look. Nothing else of it is taken on.
    const after = {
      ...seen,
      hosts: Object.fromEntries(
        Object.entries(seen.hosts).flatMap(([host, now]) => {
          const kept = refused.has(host) ? before.hosts[host] : now;
          return kept === undefined ? [] : [[host, kept] as const];
        }),
      ),
    };
    if (!isDeepStrictEqual(before, after)) await store.writeRecord(kind, metadata.name, after);
  }
}

/** Carries out a change on the controlling side's own records. */
export async function recordChange(
  change: ControllerChange,
  resource: string,
  pass: Pass,
  world: World,
): Promise<void> {
  const one = pass.reconcilables.find((candidate) => candidate.name === resource);
  if (one === undefined) throw new TypeError(`no resource ${resource} in this pass`);
  switch (change.kind) {
    case "record-bootstrap-intent": {
      const { kind, metadata } = one.resource;
      const before = await world.store.readRecord(kind, metadata.name);
      await world.store.writeRecord(kind, metadata.name, {
        ...before,
        bootstrapIntent: { startedAt: new Date(world.now()).toISOString(), members: change.members },
      });
      return;
    }
    case "write-secret": {
      const wish = one.secretWishes.find((candidate) => candidate.name === change.secret);
      if (wish === undefined) throw new TypeError(`${resource} does not want a Secret ${change.secret}`);
      const existing = (await world.secrets()).get(change.secret);
      if (change.how === "generate" && existing !== undefined) {
        throw new PghaError(`the Secret ${change.secret} exists by now`, {
          reason: "SecretExists",
          retry: "soon",
          wayOut: "Run again: it will be used as it is.",
        });
      }
      if (change.how !== "generate" && existing === undefined) {
        throw new PghaError(`the Secret ${change.secret} is gone by now`, {
          reason: "SecretGone",
          retry: "soon",
          wayOut: "Put it back, and run again: a new one would have another password.",
        });
      }
      await world.store.writeSecret(existing === undefined ? createSecret(wish) : completeSecret(wish, existing));
    }
  }
}
