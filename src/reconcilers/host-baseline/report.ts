import { whyReboot } from "../../plan/kernels.ts";
import type { Plan } from "../../plan/plan.ts";
import { conditionsOf } from "../../status/conditions.ts";
import type { Finding } from "../../status/conditions.ts";
import { measuredBase } from "../../status/measured.ts";
import type { ResourceStatus } from "../../status/status.ts";
import { summaryStatus } from "../../status/summary.ts";
import { count, list } from "../../text/words.ts";
import { timeServiceOn } from "./base-host.ts";
import { whyRebootForAudit } from "./audit-plan.ts";
import { whyRebootForHugePages } from "./huge-pages-plan.ts";
import type { DesiredBase, DesiredBaseline } from "./desire.ts";
import type { BaseFacts, BaselineLooks } from "./observe.ts";

/** The observed truth about a HostBaseline. */
export function reportHostBaseline(desired: DesiredBaseline, looks: BaselineLooks, plan: Plan): ResourceStatus {
  const { baseline } = desired.resolved;
  const generation = baseline.metadata.generation ?? 0;
  const unseen = [...looks.values()].flatMap((look) => (look.seen ? [] : [look]));
  const hosts = desired.hosts.map((host) => {
    const { address } = host.covered.host;
    const look = looks.get(host.name);
    if (look?.seen !== true)
      return {
        name: host.name,
        address,
        state: look?.reason ?? "NotLooked",
        versions: {},
        ...(look === undefined ? {} : { message: look.message }),
      };
    const steps = plan.steps.filter((step) => step.host === host.name);
    const [blocker] = plan.blockers.filter((one) => one.host === host.name);
    const [wait] = plan.waits.filter((one) => one.host === host.name);
    const isBusy = steps.length > 0 || wait !== undefined;
    return {
      name: host.name,
      address,
      machineId: look.facts.system.machineId,
      state: blocker?.reason ?? (steps.length > 0 ? "ChangesPending" : wait === undefined ? "InForce" : wait.reason),
      versions: {},
      message: [
        blocker?.why ??
          (steps.length > 0 ? `${count(steps.length, "step")} to do` : isBusy ? "" : "all of it is in force"),
        ...besides(host, look.facts),
      ]
        .filter((words) => words !== "")
        .join("; "),
    };
  });
  const inForce = hosts.filter(({ state }) => state === "InForce").length;
  const conditions = conditionsOf({
    generation,
    plan,
    unseen,
    hostCount: looks.size,
    domain: { RebootNeeded: rebootOf(desired, looks) },
    // Nobody is served by it: it is there on hosts that can be looked at.
    established: false,
    available:
      unseen.length === looks.size
        ? { status: "Unknown", reason: "NotLooked", message: "no host could be looked at" }
        : { status: "True", reason: "Loaded", message: `in force on ${inForce} of ${count(hosts.length, "host")}` },
  });
  return {
    ...summaryStatus(conditions, plan, false),
    observedGeneration: generation,
    conditions,
    hosts,
    endpoints: [],
    measured: {
      hosts: desired.hosts.flatMap((host) => {
        const look = looks.get(host.name);
        if (look?.seen !== true) return [];
        const needsReboot = rebootFor(host, look.facts) !== undefined;
        const isClockKept = host.time !== undefined;
        return [measuredBase(host.name, look.facts.system, { needsReboot, isClockKept })];
      }),
      members: [],
    },
  };
}

/** Why it has to be rebooted, for whatever. */
function rebootFor(host: DesiredBase, facts: BaseFacts): string | undefined {
  return whyReboot(facts.base.kernels) ?? whyRebootForHugePages(host, facts) ?? whyRebootForAudit(host, facts);
}

/** What stands beside the state of a host. */
function besides(host: DesiredBase, facts: BaseFacts): readonly string[] {
  const { time } = host;
  return [
    ...(time === undefined ? [] : [`${timeServiceOn(time, facts.services).of.title} keeps its clock`]),
    ...(rebootFor(host, facts) === undefined ? [] : ["it needs a reboot"]),
  ];
}

/** True where what is installed is not what runs. That alone keeps nothing from being Ready: it is a person's to do. */
function rebootOf(desired: DesiredBaseline, looks: BaselineLooks): Finding {
  const needy = desired.hosts.flatMap((host) => {
    const { name } = host;
    const look = looks.get(name);
    const why = look?.seen === true ? rebootFor(host, look.facts) : undefined;
    return why === undefined ? [] : [{ name, why }];
  });
  if (needy.length === 0) return { status: "False", reason: "NothingPending", message: "" };
  return {
    status: "True",
    reason: "RebootNeeded",
    message:
      `${list(needy.map(({ name }) => name))} ${needy.length === 1 ? "needs" : "need"} a reboot: ` +
      `${needy[0]?.why ?? ""}`,
  };
}
