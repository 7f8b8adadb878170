import { mergeFindings, HostFindings } from "../../plan/findings.ts";
import type { Findings } from "../../plan/findings.ts";
import { planHost } from "../../plan/host.ts";
import { NOTICES, noticing } from "../../plan/notices.ts";
import { whyReboot } from "../../plan/kernels.ts";
import type { Plan, Step } from "../../plan/plan.ts";
import { preflight } from "../../plan/preflight.ts";
import { digestsOf } from "../host-questions.ts";
import { auditSteps, tellAudit } from "./audit-plan.ts";
import { baseHost, toldServices } from "./base-host.ts";
import { baseStep } from "./base-step.ts";
import type { DesiredBase, DesiredBaseline } from "./desire.ts";
import type { BaseFacts, BaselineLooks } from "./observe.ts";
import { firewallSteps, tellFirewall } from "./firewall-plan.ts";
import { hugePagesSteps, tellHugePages } from "./huge-pages-plan.ts";
import { serviceSteps, tellMasked } from "./services-plan.ts";
import { sshdSteps, tellSshd } from "./sshd-plan.ts";
import { swapSteps, tellSwap } from "./swap-plan.ts";
import { sysctlFindings } from "./sysctl-plan.ts";
import { tellTime, timeSteps, timeWaits } from "./time-plan.ts";

/** What would be done about a HostBaseline. Pure. */
export function planHostBaseline(desired: DesiredBaseline, looks: BaselineLooks): Plan {
  const hosts = desired.hosts.map((host) => {
    const look = looks.get(host.name);
    return look?.seen === true ? { ...host, ...host.withPoolersAt(look.facts.poolerPorts) } : host;
  });
  const checks = mergeFindings(hosts.map((host) => check(desired, host, looks)));
  const steps = hosts.flatMap((host) => {
    const look = looks.get(host.name);
    return look?.seen === true ? stepsOn(desired.resolved.name, host, look.facts) : [];
  });
  const waits = desired.hosts.flatMap((host) => {
    const look = looks.get(host.name);
    return look?.seen === true ? timeWaits(desired.resolved.name, host, look.facts) : [];
  });
  return { steps, waits, blockers: checks.blockers, warnings: checks.warnings };
}

/** Whether the host may be touched at all, and what cannot be had there. */
function check({ resolved: { name, baseline } }: DesiredBaseline, host: DesiredBase, looks: BaselineLooks): Findings {
  const look = looks.get(host.name) ?? {
    seen: false,
    host: host.name,
    reason: "NotLooked",
    message: "it was not looked at",
  };
  const { machineId } = host.covered.recorded;
  const { blockers } = preflight(
    {
      resource: name,
      namespace: baseline.metadata.namespace,
      host: host.name,
      address: host.covered.host.address,
      scope: "host",
      ports: [],
      recorded: machineId === undefined ? {} : { machineId },
      // What runs there has limits of its own.
      maximumClockOffsetMs: Infinity,
    },
    look.seen ? { ...look, facts: { system: look.facts.system, listeners: [], reach: [] } } : look,
  );
  const found = new HostFindings(name, host.name, "nothing");
  if (look.seen) {
    tellSettings(host, look.facts, found);
    tellFirewall(host, look.facts, found);
    tellSshd(host, look.facts, found);
    tellMasked(toldServices(host), look.facts, found);
    tellAudit(host, look.facts, found);
    tellTime(host, look.facts, found);
    tellSwap(host, look.facts, found);
    tellHugePages(host, look.facts, found);
    const why = whyReboot(look.facts.base.kernels);
    if (why !== undefined) found.warn("RebootNeeded", `it needs a reboot, which pgha leaves to you: ${why}`);
  }
  return { blockers: [...blockers, ...found.blockers], warnings: found.warnings };
}

function tellSettings(host: DesiredBase, facts: BaseFacts, found: HostFindings): void {
  const { remarks, missing } = sysctlFindings(host.sysctl, facts);
  if (remarks.length > 0)
    found.warn(
      "SysctlUnavailable",
      `not all kernel settings that suit PostgreSQL can be set there: ${remarks.join(", ")}`,
    );
  if (missing.length > 0)
    found.block(
      "SysctlUnavailable",
      `not all that the spec asks of the kernel is in force, and pgha cannot set it: ${missing.join("; ")}`,
      "In a container, set it on the machine that runs it. Else look for it below /proc/sys: it may belong " +
        "to a module that is not loaded. Or take it out of the manifest.",
    );
  const { timezone } = host;
  if (
    timezone !== undefined &&
    !facts.base.hasTimezone &&
    host.packages.every((name) => facts.packages[name] !== undefined)
  )
    found.block(
      "TimezoneUnknown",
      `it has no /usr/share/zoneinfo/${timezone}`,
      "Add tzdata-legacy to spec.packages if it is an old name, or write another in spec.timezone.",
    );
}

function stepsOn(resource: string, host: DesiredBase, facts: BaseFacts): readonly Step[] {
  const desired = baseHost(host, facts);
  const { packages, paths, base } = facts;
  const isThere = packages["tzdata"] === undefined || base.hasTimezone;
  const { set } = sysctlFindings(host.sysctl, facts);
  const leftovers = host.unwanted.filter((path) => {
    const found = paths[path];
    return found?.kind === "file" && found.own === true;
  });
  const step = (what: string, change: Step["change"], because: string): Step =>
    baseStep(resource, host, { what, change, because });
  return [
    ...planHost(resource, desired, { packages, paths, units: {}, artifacts: {}, digests: digestsOf(desired) }),
    ...(leftovers.length === 0
      ? []
      : [
          step(
            "remove files",
            { kind: "remove-own-files", files: leftovers, trees: [] },
            "the spec has nothing for them any more; what is in force stays so until the next boot",
          ),
        ]),
    ...(set.length === 0
      ? []
      : [step("sysctl", { kind: "set-sysctl", settings: set }, "the running kernel has other values")]),
    ...(host.timezone === undefined || base.timezone === host.timezone || !isThere
      ? []
      : [
          {
            ...step(
              "timezone",
              { kind: "set-timezone", timezone: host.timezone, before: base.timezone },
              "the host has another time zone",
            ),
            ...noticing("none", [NOTICES.timezoneChanges()]),
          },
        ]),
    ...hugePagesSteps(resource, host, facts),
    ...swapSteps(resource, host, facts),
    ...timeSteps(resource, host, facts),
    ...serviceSteps(resource, host.name, toldServices(host), facts),
    ...auditSteps(resource, host, facts),
    ...firewallSteps(resource, host, facts),
    ...sshdSteps(resource, host, facts),
  ];
}
