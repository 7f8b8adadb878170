import type { Problem } from "../../errors.ts";
import type { Resource, ServiceResource } from "../kinds.ts";
import { printable } from "../../text/printable.ts";
import { shownName } from "../shown.ts";

/** What a rule found. A warning is told and stops nothing. */
export interface Finding {
  readonly severity: "problem" | "warning";
  readonly about: Resource;
  readonly path: string;
  readonly message: string;
  readonly wayOut: string;
}

/**
 * A theme of rules over all resources with hosts of their own. Their types hold, their content may be anything: a
 * resource with an ill-formed name is still asked about the rest.
 */
export type RuleSet = (resources: readonly ServiceResource[]) => Iterable<Finding>;

export function problem(about: Resource, path: string, message: string, wayOut: string): Finding {
  return { severity: "problem", about, path, message, wayOut };
}

export function warning(about: Resource, path: string, message: string, wayOut: string): Finding {
  return { severity: "warning", about, path, message, wayOut };
}

/** `PostgresHACluster/keybuzz-pg` */
export function labelOf(resource: Resource): string {
  return `${resource.kind}/${shownName(resource.metadata.name)}`;
}

export function asProblem({ about, path, message, wayOut }: Finding): Problem {
  return { resource: labelOf(about), path, message: onOneLine(message), wayOut: onOneLine(wayOut) };
}

/** Words may quote what was written as it is: a name of another resource, or what another room says of a value. */
function onOneLine(words: string): string {
  return printable(words).replaceAll(/[\n\t]/g, " ");
}

/** True for resources in one namespace; references never leave it. */
export function sameNamespace(a: Resource, b: Resource): boolean {
  return (a.metadata.namespace ?? "default") === (b.metadata.namespace ?? "default");
}
