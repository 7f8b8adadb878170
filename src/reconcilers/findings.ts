import type { Plan } from "../plan/plan.ts";
import { mergePlans } from "../plan/wave.ts";
import { windowAt } from "../api/windows.ts";
import { handsOff } from "../status/hands-off.ts";
import type { ResourceStatus } from "../status/status.ts";
import { afterBaselines } from "./after-baselines.ts";
import { clusterWord } from "./cluster-word.ts";
import type { ClusterWord } from "./cluster-word.ts";
import { heldPlan } from "./held-plan.ts";
import { clusterOfPool, looksOf, poolsWord } from "./pools-word.ts";
import type { StackLooks } from "./pools-word.ts";
import type { Built, Findings, OthersWord, Reconcilable } from "./reconciler.ts";
import { nameOf } from "./stack.ts";
import type { Stack } from "./stack.ts";
import { withCluster } from "./with-cluster.ts";
import { withinWindows } from "./within-windows.ts";
import { heldPoolers, withPoolers } from "./with-poolers.ts";
import type { World } from "./world.ts";

/** What findings go by: the stack, what was made of it, and what hosts said. */
export interface Grounds {
  readonly stack: Stack;
  readonly built: Built;
  readonly looks: StackLooks;
  /** Only these resources have steps and waits in the plan. */
  readonly focus: ReadonlySet<string> | undefined;
}

/** Plans and reports; the same as last time, where the world keeps that and no ground of it is another one. */
export function findingsOf(grounds: Grounds, world: World): Findings {
  const find = (): Findings => findAnew(grounds, world);
  return world.findings === undefined ? find() : world.findings(partsOf(grounds, world), find);
}

/**
 * All that findings follow from. Answers that are what they were are the same objects (src/facts/split-batch.ts). What
 * the world says at this moment stands in it by value; of the clock, only what maintenance windows make of it.
 */
function partsOf({ stack: { clusters }, built, looks, focus }: Grounds, world: World): readonly unknown[] {
  const { reconcilables } = built;
  const now = world.now();
  return [
    built,
    ...reconcilables.flatMap((one) => [...looksOf(looks, one).values()]),
    focus,
    ...reconcilables.map(({ resource }) => world.handsOff?.(resource)),
    JSON.stringify(
      clusters.map((cluster) => [world.outsideWindows?.(cluster), windowAt(cluster.spec.maintenance.windows, now)]),
    ),
    JSON.stringify(clustersElsewhere(built).map((cluster) => world.clusterWord?.(cluster))),
  ];
}

/** Of the pools that are looked at without them. */
function clustersElsewhere({ reconcilables }: Built): readonly string[] {
  const here = new Set(reconcilables.map(({ name }) => name));
  return reconcilables.flatMap(({ resource }) => clusterOfPool(resource) ?? []).filter((cluster) => !here.has(cluster));
}

function findAnew({ stack, built: { reconcilables, blockers }, looks, focus }: Grounds, world: World): Findings {
  // Clusters come before their pools, and what is said of one is what these go by.
  const statuses = new Map<string, ResourceStatus>();
  const plans = new Map<string, Plan>();
  const tell = (one: Reconcilable, plan: Plan, others: OthersWord): void => {
    const report = one.report(looksOf(looks, one), plan, others);
    const why = world.handsOff?.(one.resource);
    statuses.set(one.name, why === undefined ? report : handsOff(report, why));
  };
  const planned = reconcilables.map((one) => {
    const cluster = clusterOfPool(one.resource);
    const others: OthersWord =
      cluster === undefined
        ? poolsWord(reconcilables, looks, one.name)
        : { cluster: statuses.has(cluster) ? wordIn(statuses, cluster) : world.clusterWord?.(cluster) };
    const own = timely(one, one.plan(looksOf(looks, one), others), stack, world);
    const plan = withCluster(one.name, own, plans.get(cluster ?? ""));
    const why = world.handsOff?.(one.resource);
    tell(one, plan, others);
    plans.set(one.name, why === undefined ? plan : heldPlan(one.resource, plan, why));
    // Of all together it is said once, of the cluster.
    return { one, others, plan: why === undefined ? own : heldPlan(one.resource, own, why) };
  });
  for (const [name, own] of Map.groupBy(blockers, ({ resource }) => resource))
    if (!plans.has(name)) plans.set(name, { ...NOTHING, blockers: own });
  const whole = planned.map((each) => {
    const plan = withPoolers(each.plan, heldPoolers(each.one, reconcilables, plans, world));
    if (plan === each.plan) return each;
    plans.set(each.one.name, plan);
    tell(each.one, plan, each.others);
    return { ...each, plan };
  });
  const inOrder = afterBaselines(whole.map(({ one, plan }) => ({ resource: one.resource, plan })));
  for (const [index, { one }] of whole.entries()) {
    const steps = inOrder[index]?.steps;
    const alone = plans.get(one.name);
    if (steps !== undefined && alone !== undefined) plans.set(one.name, { ...alone, steps });
  }
  return {
    plan: mergePlans([
      { ...NOTHING, blockers },
      ...inOrder.map((plan, index) =>
        focus?.has(whole[index]?.one.name ?? "") === false ? { ...plan, steps: [], waits: [] } : plan,
      ),
    ]),
    plans,
    statuses,
  };
}

/** What of a plan may be done now, by the windows of the cluster that it is about. */
function timely(one: Reconcilable, plan: Plan, { clusters }: Stack, world: World): Plan {
  const cluster = clusters.find((each) => nameOf(each) === (clusterOfPool(one.resource) ?? one.name));
  return cluster === undefined || world.outsideWindows?.(cluster) === true
    ? plan
    : withinWindows(one.name, plan, cluster, world.now());
}

const NOTHING: Plan = { steps: [], waits: [], blockers: [], warnings: [] };

function wordIn(statuses: ReadonlyMap<string, ResourceStatus>, name: string): ClusterWord | undefined {
  const status = statuses.get(name);
  return clusterWord(status?.cluster?.leader, status?.conditions);
}
