import { addressFault, canonicalAddress } from "../addresses.ts";
import type { HostBaseline, Resource } from "../kinds.ts";
import { placesOf, withPlaces } from "../places.ts";
import { shown, shownName } from "../shown.ts";
import { closest } from "../suggest.ts";
import { auditRules } from "./audit.ts";
import { labelOf, problem, type Finding } from "./finding.ts";
import { firewallRules } from "./firewall.ts";
import { sysctlRules } from "./sysctl.ts";

/** What the schema of a HostBaseline cannot say, by itself and beside the others. */
export function* baselineRules(resources: readonly Resource[]): Iterable<Finding> {
  const baselines = resources.filter((resource) => resource.kind === "HostBaseline");
  yield* sharedHosts(baselines, resources);
  for (const baseline of baselines) {
    yield* packageRules(baseline);
    yield* timezoneRules(baseline);
    yield* timeRules(baseline);
    yield* sysctlRules(baseline);
    yield* auditRules(baseline);
    yield* firewallRules(baseline, resources);
  }
}

/** Two would undo each other's work. */
function* sharedHosts(baselines: readonly HostBaseline[], resources: readonly Resource[]): Iterable<Finding> {
  const first = new Map<string, HostBaseline>();
  for (const baseline of baselines) {
    for (const { host } of placesOf(withPlaces(baseline, resources))) {
      const address = canonicalAddress(host.address);
      const other = first.get(address) ?? baseline;
      first.set(address, other);
      if (other === baseline) continue;
      yield problem(
        baseline,
        "spec.targets",
        `${shownName(host.name)} is a host of ${labelOf(other)} already, and a host has one HostBaseline`,
        "name in each the resources that it is about",
      );
      break;
    }
  }
}

/** What other kinds install in their own way: with its service kept from starting by itself. */
const INSTALLED_ELSEWHERE = /^(?:patroni|haproxy|pgbouncer|postgresql|postgresql-[0-9]+(?:-pgvector)?)$/;

function* packageRules(baseline: HostBaseline): Iterable<Finding> {
  for (const [index, name] of baseline.spec.packages.entries()) {
    if (!INSTALLED_ELSEWHERE.test(name)) continue;
    yield problem(
      baseline,
      `spec.packages[${index}]`,
      `${shown(name)} is installed by the resource that runs it, which keeps it from starting something of its own`,
      "take it out",
    );
  }
}

function* timeRules(baseline: HostBaseline): Iterable<Finding> {
  for (const [index, server] of (baseline.spec.time?.servers ?? []).entries()) {
    const fault = addressFault(server);
    if (fault !== undefined)
      yield problem(baseline, `spec.time.servers[${index}]`, `${shown(server)} ${fault}`, "name an NTP server");
  }
}

function* timezoneRules(baseline: HostBaseline): Iterable<Finding> {
  const { timezone } = baseline.spec;
  if (timezone === undefined) return;
  const known = canonicalZone(timezone);
  // The files have capitals, and one meaning each.
  if (known !== undefined && (known === timezone || known.toLowerCase() !== timezone.toLowerCase())) return;
  const meant = known ?? closest(timezone, Intl.supportedValuesOf("timeZone"));
  yield problem(
    baseline,
    "spec.timezone",
    `${shown(timezone)} is no time zone`,
    meant === undefined
      ? "write one such as UTC or Europe/Berlin, as the files below /usr/share/zoneinfo are called"
      : `did you mean ${meant}?`,
  );
}

function canonicalZone(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
