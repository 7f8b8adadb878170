import { LeadershipLostError } from "../../runtime/reconcile-context.ts";
import type { PartOutcome } from "../../runtime/requeue.ts";

/** By `Kind/name`, what came of those that left a visit. */
export type Outcomes = Map<string, PartOutcome>;

interface Traveller {
  readonly name: string;
}

/**
 * Takes several through one stage of a visit, side by side, and returns those that go on. Who resolves to an outcome
 * has left with it; who fails has left, too, once `failed` was told, and holds up nobody else. Rejects with
 * LeadershipLostError, when all are done, once nothing more may be begun.
 */
export async function through<T extends Traveller>(
  all: readonly T[],
  outcomes: Outcomes,
  work: (one: T) => Promise<PartOutcome | undefined>,
  failed: (one: T, error: unknown) => Promise<void> = () => Promise.resolve(),
): Promise<readonly T[]> {
  const attempt = async (one: T): Promise<PartOutcome | undefined> => {
    try {
      return await work(one);
    } catch (error) {
      if (error instanceof LeadershipLostError) throw error;
      await failed(one, error);
      return { kind: "failed", error };
    }
  };
  const results = await allEnded(all.map(attempt));
  for (const [index, outcome] of results.entries())
    if (outcome !== undefined) outcomes.set(all[index]?.name ?? "", outcome);
  return all.filter((_, index) => results[index] === undefined);
}

/** The results of all, or the first error, in either case not before the last has ended: nothing goes on unseen. */
export async function allEnded<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(work);
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}
