import type { PostgresHACluster } from "../../api/index.ts";
import { PghaError } from "../../errors.ts";
import type { Plan } from "../../plan/plan.ts";
import { nextWave } from "../../plan/wave.ts";
import { nameOf } from "../../reconcilers/stack.ts";
import type { SwitchoverLeave } from "../../reconcilers/switchover-leave.ts";
import type { StateStore } from "../../state/index.ts";
import { count } from "../../text/words.ts";
import { approval } from "../apply/approval.ts";
import { reportOutcome } from "../apply/outcome.ts";
import { whileShown } from "../apply/while-shown.ts";
import { refuseChanged } from "../applied.ts";
import { EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { loadStack } from "../load-stack.ts";
import type { LoadedStack } from "../load-stack.ts";
import type { Screen } from "../screen.ts";
import type { StackOptions } from "../stack-options.ts";
import { worldFor } from "../world-for.ts";

export interface SwitchoverOptions extends StackOptions {
  readonly to?: string;
  readonly force?: boolean;
  /** Take back one that was begun. */
  readonly cancel?: boolean;
  readonly yes?: boolean;
}

/** Shows who takes the lead over, asks, has it done, and says how it ended. */
export async function runSwitchover(options: SwitchoverOptions, invocation: Invocation): Promise<number> {
  const { environment, services, screen } = invocation;
  const loaded = await loadStack(options, environment, screen);
  await using world = await worldFor(loaded, invocation, { exclusive: true });
  if (options.cancel === true) return await cancelSwitchover(loaded.stack.clusters, world.store, screen);
  const cluster = clusterOf(options.to, loaded);
  await refuseChanged(loaded.stack, world.store);
  const name = nameOf(cluster);
  let isOpen = true;
  const leave = (one: PostgresHACluster): SwitchoverLeave =>
    isOpen && one === cluster ? { begin: asked(options) } : {};
  return await whileShown(invocation, "the switchover in hand", async ({ progress, onEvent, signal }) => {
    progress.start(`looking at ${count(loaded.addresses.size, "host")}`);
    const approve = approval(
      loaded,
      { ...options, diff: false, command: "pgha switchover" },
      invocation,
      progress,
      signal,
    );
    const { outcome, pass } = await services.converge(
      loaded.stack,
      { ...world, switchovers: leave, outsideWindows: () => true },
      {
        onEvent,
        signal,
        partOf: (plan) => switchoverPart(plan, name),
        approve: async (first) => {
          isOpen = false;
          if (nextWave(first.plan).kind !== "done") return approve.ask(first);
          const leader = first.statuses.get(name)?.cluster?.leader;
          screen.remark(`Nothing to switch over: ${leader ?? "nobody"} leads.\n`);
          return true;
        },
      },
    );
    progress.stop();
    const declined = approve.declined() && !signal.aborted;
    return reportOutcome(outcome, pass, { loaded, invocation, declined, command: "pgha switchover", timings: "" });
  });
}

function asked({ to, force }: SwitchoverOptions): NonNullable<SwitchoverLeave["begin"]> {
  return { id: "pgha switchover", ...(to === undefined ? {} : { to }), ...(force === true ? { force } : {}) };
}

/** Of a plan, what belongs to the switchover: what else there is to do is for `pgha apply`. */
export function switchoverPart(plan: Plan, cluster: string): Plan {
  const isOurs = ({ resource }: { readonly resource: string }): boolean => resource === cluster;
  return {
    steps: plan.steps.filter(
      (step) =>
        step.change.kind === "resume-pooler" ||
        (isOurs(step) &&
          (step.change.kind === "record-switchover" || (step.change.kind === "switch-over" && !step.change.restarts))),
    ),
    waits: plan.waits.filter(isOurs),
    blockers: plan.blockers.filter(
      (blocker) =>
        blocker.scope === "everything" ||
        (isOurs(blocker) && (blocker.scope !== "nothing" || blocker.reason === "SwitchoverRefused")),
    ),
    warnings: plan.warnings.filter(isOurs),
  };
}

function clusterOf(to: string | undefined, { stack: { clusters } }: LoadedStack): PostgresHACluster {
  const found = clusters.filter(({ spec }) => to === undefined || spec.hosts.some(({ name }) => name === to));
  const [cluster] = found;
  if (cluster !== undefined && found.length === 1) return cluster;
  const members = clusters.flatMap(({ spec }) => spec.hosts.map(({ name }) => name));
  throw new PghaError(
    clusters.length === 0
      ? "the manifests have no PostgresHACluster"
      : found.length === 0
        ? `no cluster of the manifests has a member ${to ?? ""}`
        : `the manifests have ${clusters.length} clusters: it is not said which of them`,
    {
      reason: "InvalidOption",
      retry: "never",
      wayOut: clusters.length === 0 ? "name its manifest, too: -f FILE" : `--to is one of ${members.join(", ")}`,
    },
  );
}

/** Takes back what was decided and is not done. No host is asked or touched: a pause of clients ends by itself. */
async function cancelSwitchover(
  clusters: readonly PostgresHACluster[],
  store: StateStore,
  { print, style }: Screen,
): Promise<number> {
  const dropped: string[] = [];
  for (const cluster of clusters) {
    const { kind, metadata } = cluster;
    const { switchover, ...others } = await store.readRecord(kind, metadata.name);
    if (switchover === undefined) continue;
    await store.writeRecord(kind, metadata.name, others);
    dropped.push(nameOf(cluster));
    const { id, since, from } = switchover;
    const what = `the switchover from ${from}, begun by ${id} at ${since}`;
    print(`${style.good("✓")} ${nameOf(cluster)}: ${what}, does not happen\n`);
  }
  if (dropped.length === 0) print("No switchover is under way.\n");
  return EXIT.ok;
}
