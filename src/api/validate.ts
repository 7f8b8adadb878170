import type { Problem } from "../errors.ts";
import { SPEC_SCHEMAS, type Resource } from "./kinds.ts";
import { isService } from "./places.ts";
import type { Mended } from "./mend.ts";
import type { Parsed } from "./parse.ts";
import { isWithin } from "./path.ts";
import { rootSchema } from "./root-schema.ts";
import { annotationRules } from "./rules/annotations.ts";
import { baselineRules } from "./rules/baselines.ts";
import { asProblem, labelOf, problem, type Finding, type RuleSet } from "./rules/finding.ts";
import { hbaRules } from "./rules/hba.ts";
import { hostKeyRules } from "./rules/host-keys.ts";
import { hostRules } from "./rules/hosts.ts";
import { networkRules } from "./rules/networks.ts";
import { localeRules } from "./rules/locale.ts";
import { parameterRules } from "./rules/parameters.ts";
import { parametersTogether } from "./rules/parameters-together.ts";
import { poolRules } from "./rules/pools.ts";
import { portRules } from "./rules/ports.ts";
import { referenceRules } from "./rules/references.ts";
import { roleRules } from "./rules/roles.ts";
import { secretRules } from "./rules/secrets.ts";
import { volumeRules } from "./rules/volumes.ts";
import { packageRules } from "./rules/packages.ts";
import { windowRules } from "./rules/windows.ts";
import { brokenRules } from "./walk.ts";

/** What the rules found. Problems stop everything; warnings are told. */
export interface Validation {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export interface ValidateOptions {
  /** False where what a reference names may still come, as in a cluster: it is then waited for. Default true. */
  readonly complete?: boolean;
}

/** Asks every rule within and across these resources. They are sound by themselves, as parseDocuments returns them. */
export function validate(resources: readonly Resource[], { complete = true }: ValidateOptions = {}): Validation {
  return split(findings(resources, complete));
}

/** What must not have changed between two versions of one resource, in the words that the API server uses. */
export function validateUpdate(previous: Resource, next: Resource): readonly Problem[] {
  return [...schemaRules(next, previous)].map(asProblem);
}

/**
 * All that is wrong with what was parsed: its own problems first, then those of the rules, asked of mended resources
 * too.
 */
export function validateParsed({ resources, problems, mended, secrets }: Parsed): Validation {
  const all = [...resources, ...mended.map((each) => each.resource)];
  const found = split([...findings(all, true)].filter((finding) => !isInvented(finding, mended)));
  const doubled = doubledSecrets(secrets.map((secret) => `${secret.metadata.namespace ?? ""}/${secret.metadata.name}`));
  // A rule knows its field better than a pattern does.
  const better = new Set(found.problems.map(placeOf));
  return {
    problems: grouped([...problems.filter((each) => !better.has(placeOf(each))), ...found.problems, ...doubled]),
    warnings: grouped(found.warnings),
  };
}

/** What is about one resource stands together, in the order in which resources are first named. */
function grouped(problems: readonly Problem[]): readonly Problem[] {
  return [...Map.groupBy(problems, (each) => each.resource).values()].flat();
}

const RULE_SETS: readonly RuleSet[] = [
  hostRules,
  networkRules,
  hostKeyRules,
  portRules,
  volumeRules,
  parameterRules,
  parametersTogether,
  localeRules,
  hbaRules,
  roleRules,
  secretRules,
  poolRules,
  windowRules,
  packageRules,
];

function* findings(resources: readonly Resource[], complete: boolean): Iterable<Finding> {
  for (const resource of resources) yield* schemaRules(resource, undefined);
  yield* doubledNames(resources);
  const services = resources.filter(isService);
  for (const rules of RULE_SETS) yield* rules(services);
  yield* baselineRules(resources);
  yield* annotationRules(resources);
  if (complete) yield* referenceRules(resources);
}

/** The rules that stand in the schemas, and become CEL in the CRDs. */
function* schemaRules(resource: Resource, previous: Resource | undefined): Iterable<Finding> {
  // Status is the API server's to judge.
  const schema = { ...rootSchema(resource.kind), properties: { spec: SPEC_SCHEMAS[resource.kind] } };
  for (const { path, message, wayOut } of brokenRules(schema, resource, previous))
    yield problem(resource, path, message, wayOut);
}

function* doubledNames(resources: readonly Resource[]): Iterable<Finding> {
  const seen = new Set<string>();
  for (const resource of resources) {
    const key = `${resource.kind} ${resource.metadata.namespace ?? "default"} ${resource.metadata.name}`;
    if (seen.has(key))
      yield problem(
        resource,
        "metadata.name",
        `there are two ${resource.kind} of this name`,
        "rename or remove one of them",
      );
    seen.add(key);
  }
}

function doubledSecrets(names: readonly string[]): readonly Problem[] {
  const doubled = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...doubled].map((name) => ({
    resource: `Secret/${name.slice(name.indexOf("/") + 1)}`,
    path: "metadata.name",
    message: "there are two Secrets of this name",
    wayOut: "remove one of them",
  }));
}

function isInvented(finding: Finding, mended: readonly Mended[]): boolean {
  const own = mended.find((each) => each.resource === finding.about);
  return own?.invented.some((path) => isWithin(finding.path, path)) ?? false;
}

function placeOf({ resource, path }: Problem): string {
  return `${resource} ${path}`;
}

function split(found: Iterable<Finding>): Validation {
  const unique = new Map(
    [...found].map((finding) => [`${labelOf(finding.about)} ${finding.path} ${finding.message}`, finding]),
  );
  const all = [...unique.values()];
  return {
    problems: all.filter((finding) => finding.severity === "problem").map(asProblem),
    warnings: all.filter((finding) => finding.severity === "warning").map(asProblem),
  };
}
