import type { Reason } from "../../reasons.ts";
import { placesOf, validate } from "../../api/index.ts";
import type { Kind, Resource, ServiceResource } from "../../api/index.ts";
import { formatProblem } from "../../errors.ts";
import type { Problem } from "../../errors.ts";
import type { KeepLast } from "../../keep-last.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import type { AcceptedSpecs } from "../resources/accepted.ts";
import { atHost } from "../../text/at-host.ts";
import { earlierClaim } from "../resources/host-claims.ts";
import type { Claim } from "../resources/host-claims.ts";
import { judged } from "../resources/judged.ts";
import { inNamespace, nameOfStored } from "../resources/known-resources.ts";
import type { KnownResources } from "../resources/known-resources.ts";
import { nameOf, resourcesOf, stackOf, textOf } from "../../reconcilers/stack.ts";
import { stackFrom } from "../resources/stack-of.ts";
import type { VisitedStack } from "../resources/stack-of.ts";
import type { Refusal } from "../status/unlooked.ts";
import type { AllowList } from "../hosts/allow-list.ts";

/** A resource that may be looked at, with what it is planned together with. */
export interface Admitted extends VisitedStack {
  readonly resource: Resource;
  /** `Kind/name`. */
  readonly name: string;
  /** Why nothing may be changed: what it is looked at by is not what is asked for now. */
  readonly invalid: Refusal | undefined;
}

export interface Judges {
  readonly known: KnownResources;
  readonly allow: AllowList;
  readonly accepted: AcceptedSpecs;
  readonly keep: KeepLast<readonly Problem[]>;
}

/** What becomes of one resource of a stack. */
export type Verdict = { readonly admitted: Admitted } | { readonly refusal: Refusal };

/**
 * Judges all resources of a stack before any host hears of them: by the spec, by those they refer to, by whose the
 * hosts are. One that is not valid is looked at all the same, by its last valid version where one is known; those that
 * belong to it are mended by that version, too.
 */
export function admitStack(residents: readonly StoredResource[], judges: Judges): ReadonlyMap<StoredResource, Verdict> {
  const { accepted, keep } = judges;
  const present = stackFrom(residents, (stored) => {
    const verdict = judged(stored);
    return verdict.sound ? verdict.resource : accepted.of(stored);
  });
  const resources = resourcesOf(present.stack);
  const problems = keep(resources.map(textOf), () => validate(resources, { complete: false }).problems);
  const faults = new Map(residents.map((stored) => [stored, faultOf(stored, problems)]));
  for (const [index, stored] of present.stored.entries()) {
    const resource = resources[index];
    if (faults.get(stored) === undefined && resource !== undefined) accepted.note(stored, resource);
  }
  const seen = withAccepted(present, problems, accepted);
  return new Map(residents.map((stored) => [stored, verdictOn(stored, faults.get(stored), seen, judges)] as const));
}

/** What is wrong with a resource by itself, or beside the others. */
function faultOf(stored: StoredResource, problems: readonly Problem[]): Refusal | undefined {
  const verdict = judged(stored);
  if (!verdict.sound) return invalid(verdict.problems);
  const own = problems.filter((problem) => problem.resource === nameOfStored(stored));
  return own.length > 0 ? invalid(own) : undefined;
}

function verdictOn(
  stored: StoredResource,
  ownFault: Refusal | undefined,
  { visited, stillWrong }: AcceptedStack,
  { known, allow }: Judges,
): Verdict {
  const resource = resourcesOf(visited.stack)[visited.stored.indexOf(stored)];
  if (resource === undefined) return { refusal: ownFault ?? invalid([]) };
  const why = whyNotLookedAt(resource, stored, visited, { known, allow });
  // Why it may not be looked at is judged by what was valid; that it is not valid any more comes first.
  if (why !== undefined) return { refusal: ownFault ?? why };
  const cluster = clusterNameOf(resource);
  const fault = ownFault ?? (stillWrong.has(clusterLabel(cluster)) ? clusterInvalid(cluster ?? "") : undefined);
  return { admitted: { ...visited, resource, name: nameOfStored(stored), invalid: fault } };
}

function clusterNameOf(resource: Resource): string | undefined {
  return resource.kind === "PostgresHACluster" ? undefined : resource.spec.clusterRef.name;
}

function whyNotLookedAt(
  resource: Resource,
  stored: StoredResource,
  visited: VisitedStack,
  { known, allow }: Pick<Judges, "known" | "allow">,
): Refusal | undefined {
  const claim = claimOf(resource, stored, visited, known);
  if (claim !== undefined) {
    return refusal(
      "HostClaimed",
      atHost(
        claim.host,
        `its address ${claim.address} is a host of ${claim.kind} ${claim.holder}, which was there first`,
        "Take it out of one of the two.",
      ),
      "HostsReachable",
      claim.host,
    );
  }
  const outside = allow(resource);
  if (outside !== undefined)
    return refusal("HostNotAllowed", atHost(outside.host, outside.message), "HostsReachable", outside.host);
  const cluster = clusterNameOf(resource);
  return cluster === undefined
    ? undefined
    : clusterMissing(cluster, visited, inNamespace(known, "PostgresHACluster", stored.metadata.namespace ?? ""));
}

/** Who had one of its hosts before: for a baseline, before those that it gets them from. */
function claimOf(
  resource: Resource,
  stored: StoredResource,
  { stack, stored: versions }: VisitedStack,
  known: KnownResources,
): (Claim & { readonly kind: string }) | undefined {
  const all = resourcesOf(stack);
  const owners = new Set(placesOf(resource).map(({ of }) => of));
  for (const [index, version] of versions.entries()) {
    const one = all[index];
    if (one === undefined || !(version === stored || owners.has(one as ServiceResource))) continue;
    const claim = earlierClaim(one, version, known);
    if (claim !== undefined) return { ...claim, kind: one.kind };
  }
  return undefined;
}

interface AcceptedStack {
  readonly visited: VisitedStack;
  /** `Kind/name` of those that are not valid and of which no valid version is known. */
  readonly stillWrong: ReadonlySet<string>;
}

/** The stack with the last valid version of each resource that is not valid, as far as one is known. */
function withAccepted(
  { stack, stored }: VisitedStack,
  problems: readonly Problem[],
  accepted: AcceptedSpecs,
): AcceptedStack {
  const wrong = new Set(problems.map((problem) => problem.resource));
  const versions = new Map(
    resourcesOf(stack).flatMap((resource, index) => {
      const own = stored[index];
      const version = own === undefined || !wrong.has(nameOf(resource)) ? undefined : accepted.of(own);
      return version === undefined ? [] : [[resource, version] as const];
    }),
  );
  const version = (resource: Resource): Resource => versions.get(resource) ?? resource;
  const replaced = new Set([...versions.keys()].map(nameOf));
  return {
    visited: {
      stored,
      stack: stackOf(resourcesOf(stack).map(version)),
    },
    stillWrong: new Set([...wrong].filter((name) => !replaced.has(name))),
  };
}

/** A reference may name what is applied a moment later: that is waited for. */
function clusterMissing(
  name: string,
  { stack }: VisitedStack,
  candidates: readonly StoredResource[],
): Refusal | undefined {
  if (stack.clusters.length === 0 && !candidates.some((candidate) => candidate.metadata.name === name)) {
    return {
      reason: "ClusterNotFound",
      message: `there is no PostgresHACluster ${name} in this namespace; waiting for it`,
      heals: true,
      awaits: `the PostgresHACluster ${name}`,
      about: undefined,
    };
  }
  return stack.clusters.length > 0 ? undefined : clusterInvalid(name);
}

function clusterLabel(name: string | undefined): string {
  return `${"PostgresHACluster" satisfies Kind}/${name ?? ""}`;
}

function clusterInvalid(name: string): Refusal {
  return {
    reason: "ClusterInvalid",
    message: `the PostgresHACluster ${name} is not valid; waiting for it to be mended`,
    heals: true,
    awaits: `the PostgresHACluster ${name} to be mended`,
    about: undefined,
  };
}

function invalid(problems: readonly Problem[]): Refusal {
  return refusal("InvalidSpec", problems.map(formatProblem).join("\n"), "SpecValid");
}

function refusal(reason: Reason, message: string, about: Refusal["about"], host?: string): Refusal {
  return { reason, message, heals: false, about, ...(host === undefined ? {} : { host }) };
}
