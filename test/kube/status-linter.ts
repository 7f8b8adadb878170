import { kstatusOf } from "./kstatus.ts";

/** A resource as the API server has it, with what the linter reads. */
export interface LintedResource {
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly generation?: number; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly LintedCondition[];
  };
}

export interface LintedCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** What breaks the rules that Flux, Argo CD and `kubectl wait` users rely on; empty for a sound status. */
export function lintStatus(resource: LintedResource): readonly string[] {
  const { metadata, status } = resource;
  if (status?.conditions === undefined)
    return kstatusOf(resource) === "InProgress" ? [] : ["it counts as done before the first look"];
  const { conditions, observedGeneration } = status;
  const of = (type: string): LintedCondition | undefined => conditions.find((condition) => condition.type === type);
  const isTrue = (type: string): boolean => of(type)?.status === "True";
  const faults: string[] = [];
  const demand = (isFine: boolean, fault: string): void => void (isFine || faults.push(fault));

  demand(new Set(conditions.map(({ type }) => type)).size === conditions.length, "a condition is there twice");
  for (const { type, status: is, reason, lastTransitionTime, observedGeneration: judged } of conditions) {
    demand(["True", "False", "Unknown"].includes(is), `${type} is ${is}`);
    demand(/^[A-Z][A-Za-z0-9]*$/.test(reason), `the reason of ${type} is ${JSON.stringify(reason)}, not CamelCase`);
    demand(!Number.isNaN(Date.parse(lastTransitionTime)), `${type} has no time of transition`);
    demand(
      judged === observedGeneration,
      `${type} is about generation ${judged}, the status about ${observedGeneration}`,
    );
  }
  demand(
    (observedGeneration ?? 0) <= (metadata.generation ?? 0),
    "the status is about a generation that is not there yet",
  );
  for (const type of ["Reconciling", "Stalled"])
    demand(of(type) === undefined || isTrue(type), `${type} is there and not True`);
  demand(!(isTrue("Reconciling") && isTrue("Stalled")), "it is Reconciling and Stalled at once");
  demand(of("Ready") !== undefined, "Ready is missing");
  demand(!isTrue("Ready") || !(isTrue("Reconciling") || isTrue("Stalled")), "it is Ready, and Reconciling or Stalled");
  demand(
    isTrue("Ready") || isTrue("Paused") || isTrue("Reconciling") || isTrue("Stalled"),
    "it is not Ready, and says neither that it goes on nor that it is stuck",
  );
  for (const type of [
    "Available",
    "Progressing",
    "Degraded",
    "Paused",
    "SpecValid",
    "CredentialsReady",
    "HostsReachable",
  ])
    demand(of(type) !== undefined, `${type} is missing`);
  return faults;
}
