import { CHRONY, TIMESYNCD } from "../../desired/base-services.ts";
import type { HostFindings } from "../../plan/findings.ts";
import type { Step, Wait } from "../../plan/plan.ts";
import { CLOCK_WARNING_MS } from "../../plan/preflight.ts";
import { list } from "../../text/words.ts";
import { timeServiceOn } from "./base-host.ts";
import type { DesiredBase } from "./desire.ts";
import type { BaseFacts } from "./observe.ts";
import { hasRead, serviceSteps } from "./services-plan.ts";

type Facts = Pick<BaseFacts, "services" | "paths" | "time" | "system">;

/** A first answer takes some seconds; a clock that is far off is set in several goes. */
const SYNCHRONISED_SECONDS = 120;

/** Whether a time service is there, and not masked by somebody. */
const isUsable = ({ services }: Facts, unit: string): boolean =>
  services[unit]?.isThere === true && services[unit]?.isMasked !== true;

/**
 * Brings a time service where there is none, and has it run and ask the servers of the spec. All of it mends: a clock
 * that is off is what keeps a cluster from being touched.
 */
export function timeSteps(resource: string, host: DesiredBase, facts: Facts): readonly Step[] {
  if (host.time === undefined) return [];
  const told = timeServiceOn(host.time, facts.services);
  const isThere = facts.services[told.of.unit]?.isThere === true;
  if (isThere && !isUsable(facts, told.of.unit)) return [];
  const install: Step = {
    id: `${host.name}/${resource}/time service`,
    resource,
    host: host.name,
    stage: "prepare",
    impact: "none",
    change: {
      kind: "install-packages",
      packages: { names: [CHRONY.package], services: {}, source: "distribution" },
      missing: [CHRONY.package],
      maskFirst: [],
    },
    because: "nothing keeps its clock",
  };
  return [...(isThere ? [] : [install]), ...serviceSteps(resource, host.name, [told], facts)].map((step) => ({
    ...step,
    mends: true as const,
  }));
}

/** What the clock waits for, once all is done that can be. */
export function timeWaits(resource: string, host: DesiredBase, facts: Facts): readonly Wait[] {
  if (host.time === undefined || facts.time.isSynchronised !== false) return [];
  const told = timeServiceOn(host.time, facts.services);
  if (facts.services[told.of.unit]?.isActive !== true || timeSteps(resource, host, facts).length > 0) return [];
  const silent = facts.time.sources.filter(({ answers }) => !answers).map(({ name }) => name);
  return [
    {
      resource,
      host: host.name,
      reason: "ClockNotSynchronised",
      for: `the clock of ${host.name} to be synchronised`,
      holds: "settle",
      deadlineSeconds: SYNCHRONISED_SECONDS,
      wayOut:
        silent.length === 0
          ? "Look at chronyc sources there."
          : `Let it reach ${list(silent)} by UDP port 123, or name servers that it reaches in spec.time.servers.`,
    },
  ];
}

/** Why the clock is not kept though the spec asks for it. */
export function tellTime(host: DesiredBase, facts: Facts, found: HostFindings): void {
  if (host.time === undefined) return;
  const told = timeServiceOn(host.time, facts.services);
  const { title, unit } = told.of;
  const { servers } = host.time;
  const service = facts.services[unit];
  if (service?.isThere === true && !isUsable(facts, unit))
    found.block(
      "TimeNotKept",
      `${title} is the one time service there, and somebody masked it`,
      "Unmask it, or install chrony and have that keep the clock; or leave spec.time out for this host.",
    );
  else if (servers.length > 0 && told.of !== CHRONY && told.of !== TIMESYNCD)
    found.block(
      "TimeNotKept",
      `${title} keeps its clock, and pgha tells servers to chrony and systemd-timesyncd alone`,
      `Name ${list(servers)} in the configuration of ${title} and leave spec.time.servers out, or install chrony ` +
        "there.",
    );
  // Of a chrony that does not answer nothing is known, and that is waited for.
  else if (told.of === CHRONY && facts.time.sources.length > 0 && hasRead(told, facts)) {
    const asked = facts.time.sources.map(({ name }) => name.toLowerCase());
    const missing = servers.filter((server) => !asked.includes(server.toLowerCase()));
    if (missing.length > 0)
      found.block(
        "TimeNotKept",
        `chrony was told of ${list(missing)} and does not ask there`,
        "Put a line sourcedir /etc/chrony/sources.d into its /etc/chrony/chrony.conf, as the distribution has it, " +
          "and restart it.",
      );
  }
  const { clockOffsetMs } = facts.system;
  if (Math.abs(clockOffsetMs) > CLOCK_WARNING_MS)
    found.block(
      "ClockSkew",
      `its clock is ${(clockOffsetMs / 1000).toFixed(1)} s off that of this machine`,
      "Compare both with a clock that is right: if every host is said to be off, it is this machine's.",
    );
}
