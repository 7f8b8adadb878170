import { validate } from "../../api/index.ts";
import type { Kind, Resource } from "../../api/index.ts";
import { formatProblem } from "../../errors.ts";
import type { Problem } from "../../errors.ts";
import type { KeepLast } from "../../keep-last.ts";
import type { StoredResource } from "../../state/live-resource.ts";
import { earlierClaim } from "../resources/host-claims.ts";
import { judged } from "../resources/judged.ts";
import { inNamespace, nameOfStored } from "../resources/known-resources.ts";
import type { KnownResources } from "../resources/known-resources.ts";
import { resourcesOf } from "../../reconcilers/stack.ts";
import { stackOf } from "../resources/stack-of.ts";
import type { VisitedStack } from "../resources/stack-of.ts";
import type { Refusal } from "../status/unlooked.ts";
import type { AllowList } from "../hosts/allow-list.ts";

/** A resource that may be looked at, with what it is planned together with. */
export interface Admitted extends VisitedStack {
  readonly resource: Resource;
  /** `Kind/name`. */
  readonly name: string;
}

/** Judges a resource before any host hears of it: by the spec, by those it refers to, by whose the hosts are. */
export function admit(
  stored: StoredResource,
  known: KnownResources,
  allow: AllowList,
  keep: KeepLast<readonly Problem[]>,
): { readonly admitted: Admitted } | { readonly refusal: Refusal } {
  const verdict = judged(stored);
  if (!verdict.sound) return { refusal: invalid(verdict.problems) };
  const { resource } = verdict;
  const visited = stackOf(resource, stored, known);
  const name = nameOfStored(stored);
  const resources = resourcesOf(visited.stack);
  const problems = keep(resources, () => validate(resources, { complete: false }).problems);
  const own = problems.filter((problem) => problem.resource === name);
  if (own.length > 0) return { refusal: invalid(own) };
  const claim = earlierClaim(resource, stored, known);
  if (claim !== undefined) {
    return {
      refusal: refusal(
        "HostClaimed",
        `${claim.host}: its address ${claim.address} is a host of ${stored.kind ?? ""} ${claim.holder}, which was there first. Take it out of one of the two.`,
        "HostsReachable",
      ),
    };
  }
  const outside = allow(resource);
  if (outside !== undefined)
    return { refusal: refusal("HostNotAllowed", `${outside.host}: ${outside.message}`, "HostsReachable") };
  const missing =
    resource.kind === "PostgresHACluster"
      ? undefined
      : clusterMissing(
          resource.spec.clusterRef.name,
          visited,
          problems,
          inNamespace(known, "PostgresHACluster", stored.metadata.namespace ?? ""),
        );
  return missing === undefined ? { admitted: { ...visited, resource, name } } : { refusal: missing };
}

/** A reference may name what is applied a moment later: that is waited for. */
function clusterMissing(
  name: string,
  { stack }: VisitedStack,
  problems: readonly Problem[],
  candidates: readonly StoredResource[],
): Refusal | undefined {
  const label = `${"PostgresHACluster" satisfies Kind}/${name}`;
  if (stack.clusters.length === 0 && !candidates.some((candidate) => candidate.metadata.name === name)) {
    return {
      reason: "ClusterNotFound",
      message: `there is no PostgresHACluster ${name} in this namespace; waiting for it`,
      heals: true,
      about: undefined,
    };
  }
  if (stack.clusters.length > 0 && !problems.some((problem) => problem.resource === label)) return undefined;
  return {
    reason: "ClusterInvalid",
    message: `the PostgresHACluster ${name} is not valid; waiting for it to be mended`,
    heals: true,
    about: undefined,
  };
}

function invalid(problems: readonly Problem[]): Refusal {
  return refusal("InvalidSpec", problems.map(formatProblem).join("\n"), "SpecValid");
}

function refusal(reason: string, message: string, about: Refusal["about"]): Refusal {
  return { reason, message, heals: false, about };
}
