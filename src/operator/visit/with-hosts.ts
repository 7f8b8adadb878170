import type { Resource } from "../../api/index.ts";
import { canonicalAddress } from "../../api/addresses.ts";
import { LeadershipLostError } from "../../runtime/reconcile-context.ts";
import type { ReconcileContext } from "../../runtime/reconcile-context.ts";
import type { VisitParts } from "./parts.ts";

/** Runs work while no other visit has any of the resource's hosts. */
export async function withHosts<T>(
  { spec }: Resource,
  context: ReconcileContext,
  { slots }: Pick<VisitParts, "slots">,
  work: () => Promise<T>,
): Promise<T> {
  const addresses = spec.hosts.map((host) => canonicalAddress(host.address));
  try {
    return await slots.use(addresses, work, context.signal);
  } catch (error) {
    if (context.signal.aborted && error === context.signal.reason) throw new LeadershipLostError();
    throw error;
  }
}
