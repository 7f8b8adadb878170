import type { ControllerChange } from "../changes/table.ts";
import {
  completeSecret,
  createSecret,
  isOthers,
  keepVerifiers,
  keptVerifiers,
  lookOf,
  refreshed,
  rotateSecret,
} from "../credentials/index.ts";
import { PghaError } from "../errors.ts";
import type { StateStore } from "../state/index.ts";
import { isDeepStrictEqual } from "node:util";
import type { Pass } from "./reconcile.ts";
import type { World } from "./world.ts";

/**
 * Writes what a look told about Secrets. Returns whether another plan may follow from it. With `handsOff`, only what is
 * pgha's own. Somebody who was quicker, or a watch that is behind: the next look sees to it.
 */
export async function keepSecrets(pass: Pass, store: StateStore, handsOff = false): Promise<boolean> {
  let written = false;
  const write = async (...[secret, replaces]: Parameters<StateStore["writeSecret"]>): Promise<boolean> => {
    try {
      await store.writeSecret(secret, replaces);
      written = true;
      return true;
    } catch (error) {
      if (!(error instanceof PghaError) || error.retry !== "soon") throw error;
      return false;
    }
  };
  for (const one of pass.reconcilables) {
    const { restored = [], own } = one.keep?.(pass.looks.get(one.name) ?? new Map()) ?? {};
    const filled = new Map<string, string>();
    for (const { secret, username, look } of handsOff ? [] : restored)
      if ((await write(secret, DERIVED)) && look !== undefined) filled.set(username, look);
    const kept = own?.(filled);
    if (kept !== undefined) await write(kept.secret, kept.replaces);
  }
  return written;
}

/** Keys that follow from the password beside them. */
const DERIVED = ["verifier", "uri"] as const;

/**
 * Writes what a look told for the first time: identities that must not change silently from now on. A host that has
 * something in its way is not taken on yet: a volume that is refused is about to be replaced. Nor is any while nothing
 * may be touched: what is refused may be its name or its address.
 */
export async function recordSeen(pass: Pass, store: StateStore): Promise<void> {
  const refused = new Set(pass.plan.blockers.map((blocker) => blocker.host));
  const isHeld = pass.plan.blockers.some((blocker) => blocker.scope === "everything");
  for (const one of pass.reconcilables) {
    const { kind, metadata } = one.resource;
    const before = await store.readRecord(kind, metadata.name);
    const seen = one.record(pass.looks.get(one.name) ?? new Map(), before);
    // The key of a refused host may be known: it was needed to look. Nothing else of it is taken on.
    const after = {
      ...seen,
      hosts: Object.fromEntries(
        Object.entries(seen.hosts).flatMap(([host, now]) => {
          const isTakenOn = before.hosts[host]?.machineId !== undefined;
          const kept = refused.has(host) || (isHeld && !isTakenOn) ? before.hosts[host] : now;
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
    case "record-operation": {
      const { kind, metadata } = one.resource;
      const before = await world.store.readRecord(kind, metadata.name);
      const since = before.operation?.since ?? new Date(world.now()).toISOString();
      const operation = { id: change.id, kind: change.operation, since, members: change.members };
      await world.store.writeRecord(kind, metadata.name, { ...before, operation });
      return;
    }
    case "record-reinit": {
      const { kind, metadata } = one.resource;
      const before = await world.store.readRecord(kind, metadata.name);
      const { member, copy } = change;
      const reinit = { member, copy, since: new Date(world.now()).toISOString() };
      await world.store.writeRecord(kind, metadata.name, { ...before, reinit });
      return;
    }
    case "record-switchover": {
      const { kind, metadata } = one.resource;
      const before = await world.store.readRecord(kind, metadata.name);
      const { kind: _, ...intent } = change;
      const switchover = { ...intent, since: new Date(world.now()).toISOString() };
      await world.store.writeRecord(kind, metadata.name, { ...before, switchover });
      return;
    }
    case "write-secret": {
      const wish = one.secretWishes.find((candidate) => candidate.name === change.secret);
      if (wish === undefined) throw new TypeError(`${resource} does not want a Secret ${change.secret}`);
      const secrets = await world.secrets();
      const stored = secrets.get(change.secret);
      const existing = stored === undefined ? undefined : refreshed(wish, stored, keptVerifiers(wish.cluster, secrets));
      if (change.how === "generate" && existing !== undefined) {
        throw new PghaError(`the Secret ${change.secret} exists by now`, {
          reason: "SecretExists",
          retry: "soon",
          wayOut: "Run again: it will be used as it is.",
        });
      }
      if (change.how === "rotate") {
        const made = existing === undefined ? createSecret(wish) : rotateSecret(wish, existing);
        await world.store.writeSecret(made, ["password", "verifier", "uri"]);
        if (one.resource.kind === "PostgresHACluster") await world.rotations?.done(one.resource, wish.username);
        return;
      }
      if (change.how !== "generate" && existing === undefined) {
        throw new PghaError(`the Secret ${change.secret} is gone by now`, {
          reason: "SecretGone",
          retry: "soon",
          wayOut: "Put it back, and run again: a new one would have another password.",
        });
      }
      const made = existing === undefined ? createSecret(wish) : completeSecret(wish, existing);
      const isWritten = stored === undefined || !isOthers(wish, stored, keptVerifiers(wish.cluster, secrets));
      if (isWritten) await world.store.writeSecret(made, DERIVED);
      if (stored === undefined) return;
      // Whoever keeps the Secret may put his own back before PostgreSQL was given the new verifier.
      const { verifier } = made.data;
      const next = new Map(verifier === undefined || !wish.verifier ? [] : [[wish.username, verifier] as const]);
      const isTold = isWritten && lookOf(stored) !== lookOf(made);
      const filled = new Map(isTold ? [[wish.username, lookOf(stored)] as const] : []);
      const own = keepVerifiers(wish, await world.secrets(), { next, filled });
      await world.store.writeSecret(own.secret, own.replaces);
    }
  }
}
