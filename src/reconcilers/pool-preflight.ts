import type { PoolHost } from "../api/index.ts";
import type { Look } from "../facts/fact.ts";
import type { DesiredHost } from "../desired/host.ts";
import { preflight } from "../plan/preflight.ts";
import type { PreflightFacts } from "../plan/preflight.ts";
import { mergeFindings } from "../plan/findings.ts";
import type { Findings } from "../plan/findings.ts";
import { serviceFindings } from "../plan/services.ts";
import { versionFindings } from "../plan/upgrades.ts";
import type { RecordedFacts } from "../state/index.ts";

/** Clock offset that matters to nobody here; certificates and logs still like less. */
const POOL_CLOCK_OFFSET_MS = 60_000;

type Facts = PreflightFacts &
  Parameters<typeof versionFindings>[2] & { readonly units: Parameters<typeof serviceFindings>[2] };

interface PoolWish<F> {
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly host: PoolHost;
  readonly dataVolume: { readonly mountPath: string; readonly filesystem?: string } | undefined;
  readonly ports: Parameters<typeof preflight>[0]["ports"];
  readonly recorded: RecordedFacts;
  /** Whether this pool serves already: then one host that is away does not hold up the others. */
  readonly serving: boolean;
  /** What the host should look like, which may depend on what is there. */
  readonly wanted: (facts: F) => DesiredHost;
}

/** Preflight of a proxy host. */
export function poolPreflight<F extends Facts>(wish: PoolWish<F>, look: Look<F>): Findings {
  const found = preflight(
    {
      resource: wish.resource,
      namespace: wish.namespace,
      host: wish.host.name,
      address: wish.host.address,
      scope: wish.serving ? "host" : "everything",
      ...(wish.dataVolume === undefined ? {} : { volume: wish.dataVolume }),
      ports: wish.ports,
      recorded: wish.recorded.hosts[wish.host.name] ?? {},
      maximumClockOffsetMs: POOL_CLOCK_OFFSET_MS,
    },
    look,
  );
  if (!look.seen) return found;
  const wanted = wish.wanted(look.facts);
  return mergeFindings([
    found,
    serviceFindings(wish.resource, wanted, look.facts.units),
    versionFindings(wish.resource, wanted, look.facts),
  ]);
}
