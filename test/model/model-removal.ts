import { hostsOf } from "../../src/api/index.ts";
import type { ServiceResource } from "../../src/api/index.ts";
import { nextWave } from "../../src/plan/wave.ts";
import type { Look } from "../../src/facts/fact.ts";
import type { Plan, Step } from "../../src/plan/plan.ts";
import { madeByUs } from "../../src/reconcilers/removal/made-by-us.ts";
import { planRemoval } from "../../src/reconcilers/removal/plan.ts";
import type { RemovalFacts, RemovalWish } from "../../src/reconcilers/removal/plan.ts";
import { nameOf } from "../../src/reconcilers/stack.ts";
import type { ModelHost } from "./model-host.ts";
import { pathFact } from "./model-host-facts.ts";
import type { ModelWorld } from "./model-world.ts";

/** Of what is being deleted, what a look at each of its hosts tells, and what comes next of it. */
export async function removalPlan(
  model: ModelWorld,
  resource: ServiceResource,
  policy: RemovalWish["policy"],
  leader: string | undefined,
): Promise<Plan> {
  const { kind, metadata } = resource;
  const { systemId } = await model.world.store.readRecord(kind, metadata.name);
  const wish = { resource: nameOf(resource), policy, made: madeByUs(resource), systemId, leader };
  const looks = hostsOf(resource).map(({ name }): readonly [string, Look<RemovalFacts>] => {
    const host = model.host(name);
    return [
      name,
      host.reachable
        ? {
            seen: true,
            host: name,
            facts: { units: { [wish.made.unit]: host.unit(wish.made.unit) }, left: left(host, wish) },
          }
        : { seen: false, host: name, reason: "HostUnreachable", message: "no route" },
    ];
  });
  return planRemoval(wish, new Map(looks));
}

function left(host: ModelHost, { made: { files, trees, data } }: RemovalWish): RemovalFacts["left"] {
  const isOwn = (path: string): boolean => {
    const found = pathFact(host, path);
    return found.kind === "file" && found.own === true;
  };
  return {
    files: files.filter(isOwn),
    trees: trees.filter(
      (tree) =>
        host.artifacts.has(tree) ||
        host.directories.has(tree) ||
        [...host.files.keys()].some((path) => path.startsWith(`${tree}/`)),
    ),
    directories: [
      ...(data === undefined || host.dataDirectory === "absent" ? [] : [data.directory]),
      ...(data?.besides ?? []).filter((path) => host.journals.length > 0 || host.directories.has(path)),
    ],
  };
}

/** What may be done of it before the next look. */
export function removalWave(plan: Plan): readonly Step[] {
  const wave = nextWave(plan);
  return wave.kind === "steps" ? wave.steps : [];
}
