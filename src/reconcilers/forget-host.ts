import { hostsOf } from "../api/index.ts";
import type { RecordedFacts, StateStore } from "../state/index.ts";
import type { Pass } from "./reconcile.ts";
import type { Looks, Reconcilable } from "./reconciler.ts";

/** What comes of it when a person says that a host is gone for good, for one resource. */
export type Forgetting =
  | { readonly kind: "forgotten"; readonly resource: string }
  /** Something counts on it still. */
  | { readonly kind: "in-use"; readonly resource: string; readonly why: string }
  | { readonly kind: "listed"; readonly resource: string };

/**
 * Forgets a host that left, in every resource that it left; nothing where none knows of it. What is recorded only makes
 * pgha more careful, so this is all there is to it.
 */
export async function forgetHost(host: string, pass: Pass, store: StateStore): Promise<readonly Forgetting[]> {
  const done: Forgetting[] = [];
  for (const one of pass.reconcilables) done.push(...(await forgetIn(one, host, pass.looks.get(one.name), store)));
  return done;
}

async function forgetIn(
  one: Reconcilable,
  host: string,
  looks: Looks | undefined,
  store: StateStore,
): Promise<readonly Forgetting[]> {
  const resource = one.name;
  const left = one.left(looks ?? new Map()).find((candidate) => candidate.name === host);
  if (left === undefined)
    return hostsOf(one.resource).some(({ name }) => name === host) ? [{ kind: "listed", resource }] : [];
  if (left.inUse !== undefined) return [{ kind: "in-use", resource, why: left.inUse }];
  const { kind, metadata } = one.resource;
  const before = await store.readRecord(kind, metadata.name);
  await store.writeRecord(kind, metadata.name, without(before, host));
  return [{ kind: "forgotten", resource }];
}

function without(before: RecordedFacts, host: string): RecordedFacts {
  const { [host]: _, ...hosts } = before.hosts;
  return { ...before, hosts };
}
