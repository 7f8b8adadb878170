import type { Step } from "../../plan/plan.ts";
import type { DesiredBase } from "./desire.ts";

/** A step of a base that nobody notices, before anything else on its host. */
export function baseStep(
  resource: string,
  { name }: Pick<DesiredBase, "name">,
  { what, change, because }: Pick<Step, "change" | "because"> & { readonly what: string },
): Step {
  return { id: `${name}/${resource}/${what}`, resource, host: name, stage: "prepare", impact: "none", change, because };
}
