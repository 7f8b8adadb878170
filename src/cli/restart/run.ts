import type { PostgresHACluster } from "../../api/index.ts";
import type { Change } from "../../changes/table.ts";
import { PghaError } from "../../errors.ts";
import type { Plan } from "../../plan/plan.ts";
import { nextWave } from "../../plan/wave.ts";
import { nameOf } from "../../reconcilers/stack.ts";
import type { RestartLeave } from "../../reconcilers/restart-leave.ts";
import { count } from "../../text/words.ts";
import { approval } from "../apply/approval.ts";
import { reportOutcome } from "../apply/outcome.ts";
import { whileShown } from "../apply/while-shown.ts";
import { refuseChanged } from "../applied.ts";
import type { Invocation } from "../invocation.ts";
import { loadStack } from "../load-stack.ts";
import type { LoadedStack } from "../load-stack.ts";
import { restartsThat } from "../restarts.ts";
import type { StackOptions } from "../stack-options.ts";
import { worldFor } from "../world-for.ts";
import { cancelRestart } from "./cancel.ts";
import { restartPart } from "./part.ts";

export interface RestartOptions extends StackOptions {
  readonly pending?: boolean;
  /** Take back what is left of one that was begun. */
  readonly cancel?: boolean;
  readonly yes?: boolean;
}

const EVERY = "all";

/** Shows which members restart in which order, asks, restarts them, and says how it ended. */
export async function runRestart(host: string, options: RestartOptions, invocation: Invocation): Promise<number> {
  const { environment, services, screen } = invocation;
  const loaded = await loadStack(options, environment, screen);
  const clusters = clustersOf(host, loaded);
  await using world = await worldFor(loaded, invocation, { exclusive: true });
  if (options.cancel === true)
    return await cancelRestart(host === EVERY ? undefined : host, clusters, world.store, screen);
  await refuseChanged(loaded.stack, world.store);
  const restarts = restartsThat((cluster) => (clusters.includes(cluster) ? asked(host, options) : undefined));
  const names = new Set(clusters.map(nameOf));
  return await whileShown(invocation, "the restart in hand", async ({ progress, onEvent, signal }) => {
    progress.start(`looking at ${count(loaded.addresses.size, "host")}`);
    const approve = approval(
      loaded,
      { ...options, diff: false, command: "pgha restart" },
      invocation,
      progress,
      signal,
    );
    const { outcome, pass } = await services.converge(
      loaded.stack,
      { ...world, restarts: restarts.leave, outsideWindows: () => true },
      {
        onEvent,
        signal,
        partOf: (plan) => restartPart(refuseUnapplied(plan, names), names),
        approve: async (first) => {
          restarts.close(first.plan);
          if (nextWave(first.plan).kind !== "done") return approve.ask(first);
          screen.remark("No member waits for a restart.\n");
          return true;
        },
      },
    );
    progress.stop();
    const declined = approve.declined() && !signal.aborted;
    return reportOutcome(outcome, pass, { loaded, invocation, declined, command: "pgha restart", timings: "" });
  });
}

function asked(host: string, { pending = false }: RestartOptions): RestartLeave["begin"] {
  return { id: "pgha restart", asked: !pending, ...(host === EVERY ? {} : { members: [host] }) };
}

function clustersOf(host: string, { stack }: LoadedStack): readonly PostgresHACluster[] {
  const { clusters } = stack;
  const members = clusters.flatMap(({ spec }) => spec.hosts.map(({ name }) => name));
  const found = clusters.filter(({ spec }) => host === EVERY || spec.hosts.some(({ name }) => name === host));
  if (found.length > 0) return found;
  throw new PghaError(
    members.length === 0
      ? "the manifests have no PostgresHACluster"
      : `no cluster of the manifests has a member ${host}`,
    {
      reason: "InvalidOption",
      retry: "never",
      wayOut: members.length === 0 ? "name its manifest, too: -f FILE" : `it is one of ${members.join(", ")}, or all`,
    },
  );
}

/** A member that restarted before Patroni was told, or without its new image, would have to restart again. */
function refuseUnapplied(plan: Plan, names: ReadonlySet<string>): Plan {
  const own = plan.steps.filter(({ resource }) => names.has(resource));
  // Members move to where packages are.
  const moves = own.some(({ change }) => change.kind === "move-member");
  const missing = own.find(({ change: { kind } }) => kind in UNAPPLIED && (kind !== "install-packages" || moves));
  if (missing === undefined) return plan;
  throw new PghaError(
    `the manifest asks for ${UNAPPLIED[missing.change.kind]} that ${missing.resource} was not given yet`,
    {
      reason: "RestartNotAsked",
      retry: "never",
      wayOut: "pgha apply gives them to it, and restarts what they take a restart for",
    },
  );
}

const UNAPPLIED: Readonly<Partial<Record<Change["kind"], string>>> = {
  "patch-dynamic-configuration": "settings",
  "install-packages": "packages",
  "build-image": "images",
  "load-image": "images",
  "pull-image": "images",
};
