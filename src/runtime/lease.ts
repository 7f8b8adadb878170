import type { ApiClient } from "./api-client.ts";
import { isNotFound } from "./api-error.ts";
import { apiVersionOf, collectionPath, keyOf, objectPath } from "./kube-object.ts";
import type { KubeObject, ResourceType } from "./kube-object.ts";
import { microTime } from "./micro-time.ts";

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/ */
export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Empty or absent once released. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

const LEASE: ResourceType = { group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease" };

/** The lease as it is, or undefined when nobody ever made it. */
export async function readLease(client: ApiClient, name: LeaseName, timeoutMs: number): Promise<Lease | undefined> {
  try {
    return (await client.request({
      method: "GET",
      path: objectPath(LEASE, keyOf({ metadata: name })),
      timeoutMs,
    })) as Lease;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Writes over the lease that was read; rejects with a conflict (409) when someone else wrote in between. */
export async function writeLease(
  client: ApiClient,
  name: LeaseName,
  before: Lease | undefined,
  spec: LeaseSpec,
  timeoutMs: number,
): Promise<Lease> {
  const metadata = before?.metadata ?? name;
  const body = { apiVersion: apiVersionOf(LEASE), kind: LEASE.kind, metadata, spec };
  const request =
    before === undefined
      ? ({ method: "POST", path: collectionPath(LEASE, name.namespace) } as const)
      : ({ method: "PUT", path: objectPath(LEASE, keyOf({ metadata: name })) } as const);
  return (await client.request({ ...request, body, timeoutMs })) as Lease;
}

/** The spec with which `identity` takes or keeps the lease at a moment of the wall clock. */
export function heldBy(identity: string, before: Lease | undefined, durationMs: number, nowMs: number): LeaseSpec {
  const isKept = before?.spec?.holderIdentity === identity;
  const transitions = before?.spec?.leaseTransitions ?? 0;
  const now = microTime(nowMs);
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.round(durationMs / 1000),
    acquireTime: isKept ? (before.spec?.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: isKept || before === undefined ? transitions : transitions + 1,
  };
}

/** The spec that lets another candidate take the lease at once, as client-go releases it. */
export function released(before: Lease, nowMs: number): LeaseSpec {
  const now = microTime(nowMs);
  return {
    holderIdentity: "",
    leaseDurationSeconds: 1,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: before.spec?.leaseTransitions ?? 0,
  };
}

/**
 * Whether `identity` may try to take a lease that it has seen unchanged for `unchangedMs` by its own clock. Times in
 * the lease are for people: the clock they were written by is another machine's.
 */
export function mayTake(
  lease: Lease | undefined,
  identity: string,
  unchangedMs: number,
  ownDurationMs: number,
): boolean {
  const holder = lease?.spec?.holderIdentity ?? "";
  if (holder === "" || holder === identity) return true;
  return unchangedMs >= Math.max(ownDurationMs, (lease?.spec?.leaseDurationSeconds ?? 0) * 1000);
}
