import { deletionPolicyOf, hostsOf, isService } from "../../api/index.ts";
import type { Resource } from "../../api/index.ts";
import { formatPlan } from "../../plan/format.ts";
import { mergePlans } from "../../plan/wave.ts";
import type { RemovalPass } from "../../reconcilers/removal/look.ts";
import { madeByUs } from "../../reconcilers/removal/made-by-us.ts";
import { nameOf } from "../../reconcilers/stack.ts";
import { list } from "../../text/words.ts";
import type { LoadedStack } from "../load-stack.ts";
import type { Screen } from "../screen.ts";

/** What becomes of each resource, in words, and what is to be done about those of which anything is. */
export function intentions(
  selected: readonly Resource[],
  passes: readonly RemovalPass[],
  { addresses, stateFolder }: LoadedStack,
  { style, columns }: Screen,
): string {
  const lines = selected.map(
    (resource) => `${style.bold(nameOf(resource))}, ${deletionPolicyOf(resource)}: ${fateOf(resource, stateFolder)}`,
  );
  const plan = mergePlans(passes.map((pass) => pass.plan));
  const rest = passes.length === 0 ? "" : `\n${formatPlan(plan, { style, columns, addresses, details: new Map() })}`;
  return `${lines.join("\n")}\n${rest}`;
}

function fateOf(resource: Resource, stateFolder: string): string {
  const hosts = list(hostsOf(resource).map(({ name }) => name));
  if (!isService(resource)) return `nothing is done; what it set on ${hosts} stays`;
  const { unit, data } = madeByUs(resource);
  switch (resource.spec.deletionPolicy) {
    case "Retain":
      return `nothing is done; ${hosts} ${resource.spec.hosts.length === 1 ? "serves" : "serve"} as before`;
    case "Stop":
      return `${unit} is stopped on ${hosts} and stays so; files${data === undefined ? "" : " and data"} stay`;
    case "Purge":
      return data === undefined
        ? `${unit} is stopped on ${hosts}, and its files are removed`
        : `${unit} is stopped on ${hosts}, then all data in ${data.directory} is deleted; last of all its ` +
            `Secrets in ${stateFolder}`;
  }
}
