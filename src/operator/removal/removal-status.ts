import { hostsOf } from "../../api/index.ts";
import type { Kind } from "../../api/index.ts";
import type { Look } from "../../facts/fact.ts";
import type { Plan } from "../../plan/plan.ts";
import { mayRun } from "../../reconcilers/removal/plan.ts";
import type { RemovalFacts, RemovalWish } from "../../reconcilers/removal/plan.ts";
import { keyOf } from "../../runtime/kube-object.ts";
import type { StoredStatus } from "../../state/live-resource.ts";
import { conditionsOf } from "../../status/conditions.ts";
import type { Condition, HostStatus, ResourceStatus } from "../../status/status.ts";
import { setConditions } from "../../status/set-conditions.ts";
import { summaryStatus } from "../../status/summary.ts";
import { troubled } from "../status/amend.ts";
import { storedStatus } from "../status/stored-status.ts";
import { labelsOf } from "../visit/parts.ts";
import type { Visit } from "../visit/parts.ts";

/** How long a host may be away, or a step fail, before a deletion counts as stuck. */
const PATIENCE_MS = 10 * 60_000;

/**
 * For each host how far it is, and which step does not succeed or hold; after ten minutes of that, or of waiting for
 * one that is away, that a person has to decide.
 */
export async function writeRemovalStatus(
  { admitted, live, parts, memory }: Visit,
  wish: RemovalWish,
  looks: ReadonlyMap<string, Look<RemovalFacts>>,
  plan: Plan,
): Promise<void> {
  const stored = live.current();
  const generation = stored.metadata.generation ?? 0;
  const unseen = [...looks.values()].flatMap((look) => (look.seen ? [] : [look]));
  const untilMs = Date.parse(stored.metadata.deletionTimestamp ?? "") + PATIENCE_MS;
  const trouble = memory.patience.troubleIn(plan);
  const isLeft = unseen.length > 0 || plan.blockers.length > 0 || trouble !== undefined;
  const isOverdue = parts.clock.now() > untilMs && isLeft;
  const base = conditionsOf({
    generation,
    plan,
    unseen,
    hostCount: looks.size,
    established: false,
    domain: {},
    available: { status: "Unknown", reason: "Deleting", message: "it is being deleted" },
  });
  const goesOn: Condition = {
    type: "Reconciling",
    status: "True",
    reason: "Deleting",
    message: "it is being deleted",
    observedGeneration: generation,
  };
  const conditions = (base.some(saysHowItGoes) ? base : [...base, goesOn]).map((condition) =>
    deleting(condition, isOverdue, unseen[0]?.host),
  );
  const hosts = [...looks.values()].map((look) =>
    hostStatus(look, wish, hostsOf(admitted.resource).find((host) => host.name === look.host)?.address ?? ""),
  );
  const waiting =
    unseen.length === 0
      ? {}
      : {
          waiting: {
            for: `${unseen.map((look) => look.host).join(", ")} to answer`,
            until: `${new Date(untilMs).toISOString().slice(0, 19)}Z`,
          },
        };
  const report: ResourceStatus = {
    ...summaryStatus(conditions, plan, false),
    observedGeneration: generation,
    conditions,
    endpoints: [],
    hosts,
    ...waiting,
  };
  const known = troubled(report, trouble);
  const told: ResourceStatus = {
    ...(isOverdue && trouble !== undefined ? stuckWith(known) : known),
    phase: "Deleting",
  };
  const status = storedStatus(live.type.kind as Kind, told, stored.status, parts.clock.now());
  const { leader } = stored.status ?? {};
  await live.writeStatus({ ...status, ...(leader === undefined ? {} : { leader }) } satisfies StoredStatus);
  parts.metrics.stored(labelsOf(live.type.kind as Kind, keyOf(stored)), live.current());
}

function saysHowItGoes({ type }: Condition): boolean {
  return type === "Reconciling" || type === "Stalled";
}

/** Never Ready, and stuck only once patience is over. */
function deleting(condition: Condition, isOverdue: boolean, host: string | undefined): Condition {
  switch (condition.type) {
    case "Ready":
      return { ...condition, status: "False", ...(isOverdue ? stuck(condition, host) : { reason: "Deleting" }) };
    case "Reconciling":
    case "Stalled":
      return isOverdue
        ? { ...condition, type: "Stalled", ...stuck(condition, host) }
        : { ...condition, type: "Reconciling", reason: "Deleting" };
    default:
      return condition;
  }
}

const FORCED = "annotate the resource with pgha.keybuzz.io/force-finalize=true to delete it without";

function stuck({ message }: Condition, host: string | undefined): Pick<Condition, "reason" | "message"> {
  return { reason: "DeletionOverdue", message: `${message}. If ${host ?? "that"} never comes back, ${FORCED}.` };
}

/** A step fails again and again: what it said stays, with what else a person may do. */
function stuckWith(report: ResourceStatus): ResourceStatus {
  const message = `${report.message.replace(/\.$/, "")}. If that never succeeds, ${FORCED}.`;
  const finding = { status: "True", reason: "DeletionOverdue", message } as const;
  const amended = setConditions(report, { Ready: { ...finding, status: "False" }, Stalled: finding }, ["Reconciling"]);
  return { ...amended, message };
}

function hostStatus(look: Look<RemovalFacts>, wish: RemovalWish, address: string): HostStatus {
  const base = { name: look.host, address, versions: {} };
  if (!look.seen) return { ...base, state: look.reason, message: look.message };
  if (mayRun(look.facts, wish)) return { ...base, state: "Stopping" };
  const { files, trees, directories } = look.facts.left;
  const left = [...files, ...trees, ...directories];
  if (wish.policy === "Stop") return { ...base, state: "Stopped" };
  return left.length === 0
    ? { ...base, state: "Purged" }
    : { ...base, state: "Purging", message: `still there: ${left.join(", ")}` };
}
