import { hostsOf } from "../../api/index.ts";
import type { Resource } from "../../api/index.ts";
import { canonicalAddress } from "../../api/addresses.ts";
import { LeadershipLostError } from "../../runtime/reconcile-context.ts";
import type { ReconcileContext } from "../../runtime/reconcile-context.ts";
import type { VisitParts } from "./parts.ts";

/** Runs work while no other visit, and no removal, has any of the resources' hosts. */
export async function withHosts<T>(
  resources: readonly Resource[],
  context: ReconcileContext,
  { slots }: Pick<VisitParts, "slots">,
  work: () => Promise<T>,
): Promise<T> {
  const addresses = resources.flatMap((one) => hostsOf(one).map((host) => canonicalAddress(host.address)));
  try {
    return await slots.use(addresses, work, context.signal);
  } catch (error) {
    if (context.signal.aborted && error === context.signal.reason) throw new LeadershipLostError();
    throw error;
  }
}
